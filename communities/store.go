package communities

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"passerelles/actors"
	"passerelles/storage"
)

type communityRow struct {
	Actor     actors.ID
	Access    actors.Access
	Language  string
	Zone      string
	CreatedAt time.Time
	Archived  *time.Time
	Followers int
	Posts     int
}

type membership struct {
	Community, Who actors.ID
	Role           string
	Since          time.Time
}

// standing is how somebody stands to a community.
type standing struct {
	Community, Who  actors.ID
	Access          actors.Access
	Blocked, Member bool
	Animates        bool
	Invited         bool

	Posting              string
	FirstPosts, MostADay int
	Begun, Let           int // threads of the last day, if they are limited; posts that were let in, if the first wait
	Archived             bool
}

// looks is what a community's own actor shows and an edit leaves as it is.
type looks struct {
	Language                string
	Icon                    string
	Discoverable, Indexable bool
}

func insertCommunity(ctx context.Context, tx storage.Tx, c Community, by actors.ID) error {
	_, err := tx.Exec(ctx, `
		INSERT INTO communities (actor, access, language, zone, created_by, created_at)
		VALUES (@actor, @access, @language, @zone, @by, @at)`,
		pgx.NamedArgs{"actor": c.Actor.ID, "access": c.Access, "language": c.Language, "zone": c.Zone,
			"by": by, "at": c.CreatedAt})
	return err
}

// voiceOf gives how a community of ours speaks for itself.
func voiceOf(ctx context.Context, q storage.Querier, id actors.ID) (v Voice, err error) {
	err = q.QueryRow(ctx, `
		SELECT language, echoes_whole
		FROM communities
		WHERE actor = $1`, id).Scan(&v.Language, &v.EchoesWhole)
	return v, storage.NotFound(err, "There is no such community.")
}

func postingIn(ctx context.Context, q storage.Querier, id actors.ID) (p Posting, err error) {
	err = q.QueryRow(ctx, `
		SELECT posting, first_posts, most_a_day
		FROM communities
		WHERE actor = $1`, id).Scan(&p.Who, &p.FirstPosts, &p.MostADay)
	return p, storage.NotFound(err, "There is no such community.")
}

func updatePosting(ctx context.Context, tx storage.Tx, id actors.ID, p Posting) error {
	_, err := tx.Exec(ctx, `
		UPDATE communities
		SET posting = @who, first_posts = @first, most_a_day = @most
		WHERE actor = @id`, pgx.NamedArgs{"id": id, "who": p.Who, "first": p.FirstPosts, "most": p.MostADay})
	return err
}

func updateEchoesWhole(ctx context.Context, tx storage.Tx, id actors.ID, whole bool) error {
	_, err := tx.Exec(ctx, `
		UPDATE communities
		SET echoes_whole = $2
		WHERE actor = $1`, id, whole)
	return err
}

func updateLanguage(ctx context.Context, tx storage.Tx, id actors.ID, language string) error {
	_, err := tx.Exec(ctx, `
		UPDATE communities
		SET language = $2
		WHERE actor = $1`, id, language)
	return err
}

func looksOf(ctx context.Context, q storage.Querier, id actors.ID) (looks, error) {
	rows, _ := q.Query(ctx, `
		SELECT c.language, a.icon, a.discoverable, a.indexable
		FROM communities c
		JOIN actors a ON a.id = c.actor
		WHERE c.actor = $1`, id) // CollectExactlyOneRow returns Query's error
	l, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByPos[looks])
	return l, storage.NotFound(err, "There is no such community.")
}

func communityRows(ctx context.Context, q storage.Querier, ids []actors.ID) ([]communityRow, error) {
	rows, _ := q.Query(ctx, `
		SELECT c.actor, c.access, c.language, c.zone, c.created_at, c.archived_at AS archived,
			(SELECT count(*) FROM follows f WHERE f.followee = c.actor AND f.state = 'accepted') AS followers,
			(SELECT count(*) FROM posts p
				WHERE p.community = c.actor AND p.deleted_at IS NULL AND p.parent_iri = ''
					AND (p.scope IN ('public', 'unlisted') OR c.access <> 'open' AND p.scope = 'members')) AS posts
		FROM communities c
		JOIN actors a ON a.id = c.actor
		WHERE c.actor = ANY($1)
		ORDER BY a.name`, ids) // CollectRows returns Query's error
	return pgx.CollectRows(rows, pgx.RowToStructByName[communityRow])
}

// listedIDs leaves out what is not for everybody to know.
func listedIDs(ctx context.Context, q storage.Querier, after string, limit int) ([]actors.ID, error) {
	rows, _ := q.Query(ctx, `
		SELECT c.actor
		FROM communities c
		JOIN actors a ON a.id = c.actor
		WHERE a.name > $1 AND a.gone_at IS NULL AND c.access <> 'confidential'
		ORDER BY a.name
		LIMIT $2`, after, limit) // CollectRows returns Query's error
	return pgx.CollectRows(rows, pgx.RowTo[actors.ID])
}

// selectStandings asks for pairs, communities and who; and for the time.
const selectStandings = `
	SELECT c.actor, a.who, c.access,
		EXISTS (SELECT FROM blocks b WHERE b.blocker = c.actor AND b.blocked = a.who)
			OR EXISTS (SELECT FROM bans b WHERE b.community = c.actor AND b.who = a.who AND (b.until IS NULL OR b.until > $3)),
		EXISTS (SELECT FROM memberships m WHERE m.community = c.actor AND m.who = a.who),
		EXISTS (SELECT FROM memberships m WHERE m.community = c.actor AND m.who = a.who AND m.role <> 'member'),
		EXISTS (SELECT FROM invitations i WHERE i.community = c.actor AND i.who = a.who),
		c.posting, c.first_posts, c.most_a_day,
		CASE WHEN c.most_a_day > 0 THEN (
			SELECT count(*)
			FROM posts p
			WHERE p.author = a.who AND p.community = c.actor AND p.parent_iri = '' AND p.arrived_at > $3::timestamptz - interval '24 hours') ELSE 0 END,
		CASE WHEN c.first_posts > 0 THEN (
			SELECT count(*)
			FROM (SELECT FROM posts p WHERE p.author = a.who AND p.community = c.actor AND p.announced LIMIT 20) AS let) ELSE 0 END,
		c.archived_at IS NOT NULL
	FROM unnest($1::bigint[], $2::bigint[]) AS a (community, who)
	JOIN communities c ON c.actor = a.community`

func standingOf(ctx context.Context, q storage.Querier, community, who actors.ID, now time.Time) (standing, error) {
	rows, _ := q.Query(ctx, selectStandings, []actors.ID{community}, []actors.ID{who}, now) // readStanding returns Query's error
	return readStanding(rows)
}

func readStanding(rows pgx.Rows) (standing, error) {
	st, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByPos[standing])
	return st, storage.NotFound(err, "There is no such community.")
}

func lockStanding(ctx context.Context, tx storage.Tx, community, who actors.ID) error {
	_, err := tx.Exec(ctx, `
		SELECT pg_advisory_xact_lock(hashtextextended('standing ' || $1::bigint || ' ' || $2::bigint, 0))`, community, who)
	return err
}

func standingsOf(ctx context.Context, q storage.Querier, communities, who []actors.ID, now time.Time) ([]standing, error) {
	rows, _ := q.Query(ctx, selectStandings, communities, who, now) // CollectRows returns Query's error
	return pgx.CollectRows(rows, pgx.RowToStructByPos[standing])
}
