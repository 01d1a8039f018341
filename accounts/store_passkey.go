package accounts

import (
	"context"
	"encoding/json"
	"time"

	"github.com/go-webauthn/webauthn/webauthn"
	"github.com/jackc/pgx/v5"

	"passerelles/actors"
	"passerelles/storage"
)

func passkeysOf(ctx context.Context, q storage.Querier, id actors.ID) ([]passkey, error) {
	rows, _ := q.Query(ctx, `
		SELECT id, name, made_at, used_at, record
		FROM passkeys
		WHERE member = $1
		ORDER BY id`, id) // CollectRows returns Query's error
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (k passkey, err error) {
		var record []byte
		if err := row.Scan(&k.ID, &k.Name, &k.MadeAt, &k.UsedAt, &record); err != nil {
			return k, err
		}
		return k, json.Unmarshal(record, &k.Record)
	})
}

func insertPasskey(ctx context.Context, tx storage.Tx, id actors.ID, k passkey) error {
	record, err := json.Marshal(k.Record)
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `
		INSERT INTO passkeys (id, credential, member, name, record, made_at)
		VALUES (@id, @credential, @member, @name, @record, @at)`,
		pgx.NamedArgs{"id": k.ID, "credential": k.Record.ID, "member": id, "name": k.Name, "record": record, "at": k.MadeAt})
	return storage.Conflict(err, "passkeys_credential_key", "This passkey is there already.")
}

func updatePasskey(ctx context.Context, tx storage.Tx, id actors.ID, record webauthn.Credential, at time.Time) (there bool, err error) {
	text, err := json.Marshal(record)
	if err != nil {
		return false, err
	}
	tag, err := tx.Exec(ctx, `
		UPDATE passkeys
		SET record = @record, used_at = @at
		WHERE member = @member
			AND credential = @credential`,
		pgx.NamedArgs{"record": text, "at": at, "member": id, "credential": record.ID})
	return tag.RowsAffected() == 1, err
}

func deletePasskey(ctx context.Context, tx storage.Tx, who actors.ID, id int64) (there bool, err error) {
	tag, err := tx.Exec(ctx, `DELETE FROM passkeys WHERE member = $1 AND id = $2`, who, id)
	return tag.RowsAffected() == 1, err
}

func insertAnswered(ctx context.Context, tx storage.Tx, hash []byte, at time.Time) (first bool, err error) {
	tag, err := tx.Exec(ctx, `
		INSERT INTO answered_challenges (hash, at)
		VALUES ($1, $2)
		ON CONFLICT DO NOTHING`, hash, at)
	return tag.RowsAffected() == 1, err
}
