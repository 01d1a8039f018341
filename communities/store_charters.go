package communities

import (
	"context"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"

	"passerelles/actors"
	"passerelles/storage"
)

// acceptance is that somebody accepted a version of a charter.
type acceptance struct {
	Community, Who actors.ID
	Version        int
	At             time.Time
}

const selectCharter = `
	SELECT version, source, coalesce(by, 0) AS by, at
	FROM charters
	WHERE community = $1
	ORDER BY version DESC
	LIMIT $2`

func charterVersions(ctx context.Context, q storage.Querier, community actors.ID, most int) ([]Charter, error) {
	rows, _ := q.Query(ctx, selectCharter, community, most) // CollectRows returns Query's error
	return pgx.CollectRows(rows, pgx.RowToStructByName[Charter])
}

// currentCharter gives a zero one where there never was any.
func currentCharter(ctx context.Context, q storage.Querier, community actors.ID) (Charter, error) {
	all, err := charterVersions(ctx, q, community, 1)
	if err != nil || len(all) == 0 {
		return Charter{}, err
	}
	return all[0], nil
}

func insertCharter(ctx context.Context, tx storage.Tx, community actors.ID, c Charter) error {
	_, err := tx.Exec(ctx, `
		INSERT INTO charters (community, version, source, by, at)
		VALUES (@community, @version, @source, @by, @at)`,
		pgx.NamedArgs{"community": community, "version": c.Version, "source": c.Source, "by": c.By, "at": c.At})
	return storage.Conflict(err, "charters_pkey", "Somebody else changed the charter at the same moment: look at it again.")
}

func insertAcceptance(ctx context.Context, tx storage.Tx, a acceptance) error {
	_, err := tx.Exec(ctx, `
		INSERT INTO charter_acceptances (community, who, version, at)
		VALUES ($1, $2, $3, $4)
		ON CONFLICT (community, who, version) DO NOTHING`, a.Community, a.Who, a.Version, a.At)
	return err
}

// lastAcceptance gives a zero one of who accepted none.
func lastAcceptance(ctx context.Context, q storage.Querier, community, who actors.ID) (acceptance, error) {
	rows, _ := q.Query(ctx, `
		SELECT community, who, version, at
		FROM charter_acceptances
		WHERE community = $1 AND who = $2
		ORDER BY version DESC
		LIMIT 1`, community, who) // CollectExactlyOneRow returns Query's error
	a, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[acceptance])
	if errors.Is(err, pgx.ErrNoRows) {
		return acceptance{}, nil
	}
	return a, err
}

func questionsOf(ctx context.Context, q storage.Querier, community actors.ID) ([]string, error) {
	rows, _ := q.Query(ctx, `
		SELECT question
		FROM join_questions
		WHERE community = $1
		ORDER BY place`, community) // CollectRows returns Query's error
	return pgx.CollectRows(rows, pgx.RowTo[string])
}

func replaceQuestions(ctx context.Context, tx storage.Tx, community actors.ID, questions []string) error {
	b := &pgx.Batch{}
	b.Queue(`DELETE FROM join_questions WHERE community = $1`, community)
	b.Queue(`
		INSERT INTO join_questions (community, place, question)
		SELECT $1, place, question
		FROM unnest($2::text[]) WITH ORDINALITY AS q (question, place)`, community, questions)
	return storage.Conflict(tx.SendBatch(ctx, b).Close(), "join_questions_pkey",
		"Somebody else changed the questions at the same moment: look at them again.")
}

func replaceAnswers(ctx context.Context, tx storage.Tx, r request, answers []Answer) error {
	questions, words := make([]string, len(answers)), make([]string, len(answers))
	for i, a := range answers {
		questions[i], words[i] = a.Question, a.Words
	}
	b := &pgx.Batch{}
	b.Queue(`DELETE FROM join_answers WHERE community = $1 AND who = $2`, r.Community, r.Who)
	b.Queue(`
		INSERT INTO join_answers (community, who, place, question, answer)
		SELECT $1, $2, place, question, answer
		FROM unnest($3::text[], $4::text[]) WITH ORDINALITY AS a (question, answer, place)`,
		r.Community, r.Who, questions, words)
	return tx.SendBatch(ctx, b).Close()
}

// answersTo gives what those who ask answered, by person.
func answersTo(ctx context.Context, q storage.Querier, community actors.ID, who []actors.ID) (map[actors.ID][]Answer, error) {
	rows, _ := q.Query(ctx, `
		SELECT who, question, answer
		FROM join_answers
		WHERE community = $1 AND who = ANY($2)
		ORDER BY who, place`, community, who) // ForEachRow returns Query's error
	all := map[actors.ID][]Answer{}
	var id actors.ID
	var a Answer
	_, err := pgx.ForEachRow(rows, []any{&id, &a.Question, &a.Words}, func() error {
		all[id] = append(all[id], a)
		return nil
	})
	return all, err
}

// acceptedBy gives the latest version of the charter that each accepted.
func acceptedBy(ctx context.Context, q storage.Querier, community actors.ID, who []actors.ID) (map[actors.ID]int, error) {
	rows, _ := q.Query(ctx, `
		SELECT who, max(version)
		FROM charter_acceptances
		WHERE community = $1 AND who = ANY($2)
		GROUP BY who`, community, who) // ForEachRow returns Query's error
	all := map[actors.ID]int{}
	var id actors.ID
	var version int
	_, err := pgx.ForEachRow(rows, []any{&id, &version}, func() error {
		all[id] = version
		return nil
	})
	return all, err
}
