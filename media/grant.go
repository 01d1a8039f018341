package media

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"strconv"
	"strings"
	"time"

	"passerelles/access"
	"passerelles/actors"
)

// A grant stands in the address of a file that is not for everybody, for apps and servers
// that cannot say who asks. Whoever has the address has what the grant says, and no longer
// than it says; what it was given for is asked again each time.

const (
	personalFor = time.Hour      // a grant to one reader, who can have another
	commonFor   = 24 * time.Hour // one that stands in what is sent, and may wait on its way

	common = "m" // the reader of a grant to all to whom a post is sent
)

// GrantTo gives what is added to the address of a file for one reader.
func (s *Service) GrantTo(r access.Reader, f File) string {
	who := "h" + r.Host
	if r.ID != 0 {
		who = "p" + strconv.FormatInt(int64(r.ID), 10)
	}
	return s.grant(f.ID, who, s.Now().Add(personalFor))
}

// GrantToAll gives what is added for all to whom the post is sent. It ends when one of them
// is not to see any more what they saw: the others ask anew.
func (s *Service) GrantToAll(f File) string { return s.grant(f.ID, common, s.Now().Add(commonFor)) }

func (s *Service) grant(file int64, who string, until time.Time) string {
	said := strconv.FormatInt(until.UnixMilli(), 36) + "~" + who
	return "?grant=" + said + "~" + s.seal(file, said)
}

func (s *Service) seal(file int64, said string) string {
	mac := hmac.New(sha256.New, s.Key)
	mac.Write([]byte("file " + strconv.FormatInt(file, 10) + " " + said))
	return base64.RawURLEncoding.EncodeToString(mac.Sum(nil)[:signatureLength])
}

// Granted says whether a grant opens a file now.
func (s *Service) Granted(ctx context.Context, grant string, f File, it access.Item) (bool, error) {
	at := strings.LastIndex(grant, "~")
	if at < 0 || !hmac.Equal([]byte(grant[at+1:]), []byte(s.seal(f.ID, grant[:at]))) {
		return false, nil
	}
	end, who, _ := strings.Cut(grant[:at], "~")
	ms, err := strconv.ParseInt(end, 36, 64)
	if err != nil || s.Now().UnixMilli() > ms {
		return false, nil
	}
	if who == common {
		return access.StillTold(ctx, s.DB, it, time.UnixMilli(ms).Add(-commonFor))
	}
	r := access.Reader{}
	if host, is := strings.CutPrefix(who, "h"); is {
		r.Host = host
		if allowed, err := s.Hosts.Allowed(ctx, host); err != nil || !allowed {
			return false, err
		}
	} else if id, err := strconv.ParseInt(strings.TrimPrefix(who, "p"), 10, 64); err == nil {
		r.ID = actors.ID(id)
	}
	if r == (access.Reader{}) {
		return false, nil
	}
	return access.CanSee(ctx, s.DB, r, it)
}
