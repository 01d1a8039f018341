package departures

import (
	"archive/zip"
	"context"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"time"

	"passerelles/accounts"
	"passerelles/actors"
	"passerelles/acts"
	"passerelles/posts"
	"passerelles/storage"
)

const perPage = 200 // activities that are in memory at a time

// ExportFor has an administrator write what Export does. It is noted once it is whole: without
// that note the archive is not to be used.
func (s *Service) ExportFor(ctx context.Context, by acts.By, m accounts.Member, w io.Writer) error {
	if err := s.Export(ctx, m, w); err != nil {
		return err
	}
	return s.DB.Write(ctx, func(tx storage.Tx) error {
		return acts.Record(ctx, tx, acts.Act{At: s.Now(), Kind: acts.ExportAccount, By: by, Target: m.ID})
	})
}

// Export writes as a ZIP archive all that a member told this server: as ActivityStreams what it
// is and said, and in the CSV that Mastodon takes whom it follows, blocks and mutes.
func (s *Service) Export(ctx context.Context, m accounts.Member, w io.Writer) error {
	archive := zip.NewWriter(w)
	for _, part := range []struct {
		name  string
		write func(context.Context, accounts.Member, io.Writer) error
	}{
		{"actor.json", s.exportActor},
		{"outbox.json", s.exportOutbox},
		{"likes.json", s.exportLikes},
		{"votes.json", s.exportVotes},
		{"reading.json", s.exportReading},
		{"account.json", s.exportAccount},
		{"following_accounts.csv", s.exportHandles(followedBy, []string{"Account address", "Show boosts", "Notify on new posts", "Languages"}, "true", "false", "")},
		{"blocked_accounts.csv", s.exportHandles(blockedBy, nil)},
		{"muted_accounts.csv", s.exportHandles(mutedBy, []string{"Account address", "Hide notifications"}, "true")},
	} {
		file, err := archive.CreateHeader(&zip.FileHeader{Name: part.name, Method: zip.Deflate, Modified: s.Now()})
		if err != nil {
			return fmt.Errorf("export %s: %w", part.name, err)
		}
		if err := part.write(ctx, m, file); err != nil {
			return fmt.Errorf("export %s: %w", part.name, err)
		}
	}
	if err := s.exportFiles(ctx, m, archive); err != nil {
		return fmt.Errorf("export files: %w", err)
	}
	if err := archive.Close(); err != nil {
		return fmt.Errorf("end an export: %w", err)
	}
	return nil
}

func (s *Service) exportActor(ctx context.Context, m accounts.Member, w io.Writer) error {
	a, err := s.Directory.ByID(ctx, m.ID)
	if err != nil {
		return err
	}
	keys, err := s.Directory.PublicKeys(ctx, s.DB, m.ID)
	if err != nil {
		return err
	}
	body, err := actors.Document(a, keys, s.IRIs).Encode()
	if err != nil {
		return err
	}
	_, err = w.Write(body)
	return err
}

// exportOutbox splices what left as it is: it is never made anew.
func (s *Service) exportOutbox(ctx context.Context, m accounts.Member, w io.Writer) error {
	if _, err := fmt.Fprintf(w, `{"@context":"https://www.w3.org/ns/activitystreams","type":"OrderedCollection","id":%q,"orderedItems":[`,
		s.IRIs.Actor(int64(m.ID))+"/outbox"); err != nil {
		return err
	}
	separator := "\n"
	for after := int64(0); ; {
		last, bodies, err := saidBy(ctx, s.DB, m.ID, after, perPage)
		if err != nil {
			return err
		}
		for _, body := range bodies {
			if _, err := fmt.Fprintf(w, "%s%s", separator, body); err != nil {
				return err
			}
			separator = ",\n"
		}
		if len(bodies) < perPage {
			break
		}
		after = last
	}
	_, err := io.WriteString(w, "\n]}\n")
	return err
}

func (s *Service) exportLikes(ctx context.Context, m accounts.Member, w io.Writer) error {
	liked, err := likedBy(ctx, s.DB, m.ID)
	if err != nil {
		return err
	}
	if liked == nil {
		liked = []string{}
	}
	return json.NewEncoder(w).Encode(map[string]any{"@context": "https://www.w3.org/ns/activitystreams",
		"type": "OrderedCollection", "totalItems": len(liked), "orderedItems": liked})
}

// exportVotes is what the member chose in polls, which nobody else is told.
func (s *Service) exportVotes(ctx context.Context, m accounts.Member, w io.Writer) error {
	chosen, err := s.Posts.VotesBy(ctx, m.ID)
	if err != nil {
		return err
	}
	if chosen == nil {
		chosen = []posts.Voted{}
	}
	return json.NewEncoder(w).Encode(chosen)
}

// exportAccount is what no document for others holds.
func (s *Service) exportAccount(ctx context.Context, m accounts.Member, w io.Writer) error {
	sessions, err := s.Accounts.Sessions(ctx, m.ID)
	if err != nil {
		return err
	}
	memberships, err := membershipsOf(ctx, s.DB, m.ID)
	if err != nil {
		return err
	}
	requests, err := asksOf(ctx, s.DB, m.ID)
	if err != nil {
		return err
	}
	factor, err := s.Accounts.Factor(ctx, m.ID)
	if err != nil {
		return err
	}
	type change struct {
		Kind accounts.FactorKind `json:"kind"`
		At   time.Time           `json:"at"`
	}
	changes := make([]change, 0, len(factor.Changes))
	for _, one := range factor.Changes {
		changes = append(changes, change(one))
	}
	type session struct {
		Device  string    `json:"device"`
		Address string    `json:"address"`
		Created time.Time `json:"created"`
		Used    time.Time `json:"used"`
	}
	open := make([]session, 0, len(sessions))
	for _, one := range sessions {
		open = append(open, session{one.Device, one.Address, one.CreatedAt, one.UsedAt})
	}
	encoder := json.NewEncoder(w)
	encoder.SetIndent("", "  ")
	return encoder.Encode(map[string]any{"name": m.Name, "title": m.Title, "email": m.Email, "language": m.Language, "visibility": m.Visibility, "sensitive": m.Sensitive, "quotable": m.Quotable,
		"created": m.CreatedAt, "memberships": memberships, "requests": requests, "sessions": open, "secondFactor": map[string]any{"on": factor.On, "changes": changes}})
}

// exportHandles writes a line for each handle of a list, with what else Mastodon puts there.
func (s *Service) exportHandles(list string, head []string, rest ...string) func(context.Context, accounts.Member, io.Writer) error {
	return func(ctx context.Context, m accounts.Member, w io.Writer) error {
		handles, err := handlesOf(ctx, s.DB, list, s.IRIs.Host(), m.ID)
		if err != nil {
			return err
		}
		out := csv.NewWriter(w)
		if head != nil {
			if err := out.Write(head); err != nil {
				return err
			}
		}
		for _, handle := range handles {
			if err := out.Write(append([]string{handle}, rest...)); err != nil {
				return err
			}
		}
		out.Flush()
		return out.Error()
	}
}
