package notifications

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base32"
	"slices"
	"strconv"
	"strings"

	"passerelles/actors"
	"passerelles/fault"
)

// A mail's list can be ended by whoever holds the mail, without signing in: its link names the
// member and the list, and only this server can write it.

var endLetters = base32.StdEncoding.WithPadding(base32.NoPadding)

const endBytes = 20

// endOf is the last part of a link that ends the mails of one list.
func (s *Service) endOf(member actors.ID, c Choice) string {
	said := strings.Join([]string{strconv.FormatInt(int64(member), 36), strconv.Itoa(slices.Index(Lists, c.List)), strconv.FormatInt(int64(c.Community), 36)}, "-")
	mac := hmac.New(sha256.New, s.Key)
	mac.Write([]byte("end of mails " + said))
	return said + "-" + strings.ToLower(endLetters.EncodeToString(mac.Sum(nil)[:endBytes]))
}

// ReadEnd reads such a link: whose mails of which list it ends.
func (s *Service) ReadEnd(ctx context.Context, end string) (member actors.ID, c Choice, language string, err error) {
	unknown := fault.New(fault.NotFound, "There is nothing at this address.")
	parts := strings.Split(end, "-")
	if len(parts) != 4 {
		return 0, c, "", unknown
	}
	who, err1 := strconv.ParseInt(parts[0], 36, 64)
	list, err2 := strconv.Atoi(parts[1])
	community, err3 := strconv.ParseInt(parts[2], 36, 64)
	if err1 != nil || err2 != nil || err3 != nil || list < 0 || list >= len(Lists) {
		return 0, c, "", unknown
	}
	member, c = actors.ID(who), Choice{List: Lists[list], Community: actors.ID(community), How: Site}
	if !hmac.Equal([]byte(end), []byte(s.endOf(member, c))) {
		return 0, c, "", unknown
	}
	to, err := addressee(ctx, s.DB, member)
	return member, c, to.Language, err
}

// End ends the mails of a list; on the site its notices still stand.
func (s *Service) End(ctx context.Context, end string) error {
	member, c, _, err := s.ReadEnd(ctx, end)
	if err != nil {
		return err
	}
	takes, err := takers(ctx, s.DB, c.List, c.Community, []actors.ID{member})
	if err != nil || len(takes) == 1 && takes[0].how(c.List) != ByMail { // it was ended before, or more than ended
		return err
	}
	return s.Choose(ctx, member, c)
}
