package push

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"passerelles/actors"
	"passerelles/storage"
)

func upsertSubscription(ctx context.Context, q storage.Querier, s Subscription, at time.Time) error {
	_, err := q.Exec(ctx, `
		INSERT INTO push_subscriptions (id, token, member, endpoint, p256dh, auth, alerts, policy, standard, at)
		VALUES (@id, @token, @member, @endpoint, @p256dh, @auth, @alerts, @policy, @standard, @at)
		ON CONFLICT (token) DO UPDATE
		SET id = excluded.id, endpoint = excluded.endpoint, p256dh = excluded.p256dh, auth = excluded.auth,
			alerts = excluded.alerts, policy = excluded.policy, standard = excluded.standard, at = excluded.at`,
		pgx.NamedArgs{"id": s.ID, "token": s.Token, "member": s.Member, "endpoint": s.Endpoint, "p256dh": s.P256dh, "auth": s.Auth,
			"alerts": s.Alerts, "policy": s.Policy, "standard": s.Standard, "at": at})
	return err
}

const columns = `id, token, member, endpoint, p256dh, auth, alerts, policy, standard`

func subscriptionOf(ctx context.Context, q storage.Querier, token int64) (Subscription, error) {
	rows, _ := q.Query(ctx, `
		SELECT `+columns+`
		FROM push_subscriptions
		WHERE token = $1`, token) // CollectExactlyOneRow returns Query's error
	s, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByPos[Subscription])
	return s, storage.NotFound(err, errNone.Error())
}

func subscriptionByID(ctx context.Context, q storage.Querier, id int64) (Subscription, error) {
	rows, _ := q.Query(ctx, `
		SELECT `+columns+`
		FROM push_subscriptions
		WHERE id = $1`, id) // CollectExactlyOneRow returns Query's error
	s, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByPos[Subscription])
	return s, storage.NotFound(err, errNone.Error())
}

func subscriptionsOf(ctx context.Context, q storage.Querier, member actors.ID) ([]int64, error) {
	rows, _ := q.Query(ctx, `
		SELECT id
		FROM push_subscriptions
		WHERE member = $1
		ORDER BY id`, member) // CollectRows returns Query's error
	return pgx.CollectRows(rows, pgx.RowTo[int64])
}

func updateSubscription(ctx context.Context, q storage.Querier, token int64, alerts []string, policy string) error {
	_, err := q.Exec(ctx, `
		UPDATE push_subscriptions
		SET alerts = $2, policy = $3
		WHERE token = $1`, token, alerts, policy)
	return err
}

func deleteOf(ctx context.Context, q storage.Querier, token int64) error {
	_, err := q.Exec(ctx, `
		DELETE FROM push_subscriptions
		WHERE token = $1`, token)
	return err
}

func deleteByID(ctx context.Context, q storage.Querier, id int64) error {
	_, err := q.Exec(ctx, `
		DELETE FROM push_subscriptions
		WHERE id = $1`, id)
	return err
}

func follows(ctx context.Context, q storage.Querier, who, whom actors.ID) (yes bool, err error) {
	err = q.QueryRow(ctx, `
		SELECT EXISTS (
			SELECT FROM follows
			WHERE follower = $1 AND followee = $2 AND state = 'accepted')`, who, whom).Scan(&yes)
	return yes, err
}
