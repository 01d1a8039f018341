package media

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"strconv"
	"strings"
)

// Path is where the addresses of pictures begin.
const Path = "/media/remote/"

const signatureLength = 16 // bytes

// Kind is what a picture is for.
type Kind string

// The kinds of pictures.
const (
	Avatar  Kind = "avatar"
	Banner  Kind = "banner"
	Picture Kind = "picture" // of a post
)

// letters begin the part of an address that names a picture.
var letters = map[Kind]string{Avatar: "a", Banner: "b", Picture: "p"}

// longestSide is how large pictures are shown, in pixels.
var longestSide = map[Kind]int{Avatar: 400, Banner: 1600, Picture: 1600}

// Ref names a picture by what it hangs on.
type Ref struct {
	Kind  Kind
	Owner int64 // actor or post
	Place int   // among the pictures of a post
}

// String is the form in addresses.
func (r Ref) String() string {
	if r.Kind == Picture {
		return fmt.Sprintf("%s%d.%d", letters[r.Kind], r.Owner, r.Place)
	}
	return fmt.Sprintf("%s%d", letters[r.Kind], r.Owner)
}

// parseRef reads what String wrote, in that one spelling.
func parseRef(text string) (r Ref, ok bool) {
	for kind, letter := range letters {
		rest, is := strings.CutPrefix(text, letter)
		if !is {
			continue
		}
		owner, place, _ := strings.Cut(rest, ".")
		r.Kind = kind
		r.Owner, _ = strconv.ParseInt(owner, 10, 64) // what is no number is not spelled so
		r.Place, _ = strconv.Atoi(place)
		return r, r.Owner > 0 && r.Place >= 0 && r.Place < 1<<15 && r.String() == text
	}
	return r, false
}

// Address gives the address at which we show a picture. It holds as long as the
// picture: another one in its place has another address, so that who keeps the old
// one keeps nothing.
func (s *Service) Address(r Ref, url string) string {
	return Path + s.sign(r, url) + "/" + r.String()
}

func (s *Service) sign(r Ref, url string) string {
	mac := hmac.New(sha256.New, s.Key)
	mac.Write([]byte(r.String() + " " + url))
	return base64.RawURLEncoding.EncodeToString(mac.Sum(nil)[:signatureLength])
}

func (s *Service) signed(r Ref, url, signature string) bool {
	return hmac.Equal([]byte(s.sign(r, url)), []byte(signature))
}
