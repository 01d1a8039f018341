-- A Lock or a Block may be taken back by its id alone.
-- +goose Up
CREATE INDEX received_rulings ON received (iri) WHERE type IN ('Lock', 'Block');
