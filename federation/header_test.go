package federation

import (
	"bytes"
	"encoding/base64"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/go-fed/httpsig"

	"passerelles/fault"
)

func TestParseSignature(t *testing.T) {
	t.Parallel()
	good := `keyId="https://a.example/u#k", headers="(request-target) Host" ,signature="QUJD",created=12,expires="34",algorithm="HS2019"`
	s, err := parseSignature(good)
	if err != nil {
		t.Fatal(err)
	}
	if s.keyID != "https://a.example/u#k" || strings.Join(s.covered, " ") != "(request-target) host" ||
		string(s.value) != "ABC" || s.created != 12 || s.expires != 34 || s.algorithm != "hs2019" {
		t.Errorf("got %+v", s)
	}
	for _, edit := range [][2]string{
		{"QUJD", ""}, {"QUJD", "QUJ"}, {"QUJD", "QUJ="}, {"QUJD", strings.Repeat("QUJD", 400)},
		{"created=12", "created=012"}, {"created=12", "created=-1"}, {"created=12", "created=1.5"}, {"created=12", "created="},
		{"created=12", `created="+12"`}, {"created=12", "created=1234567890123"}, {"created=12", "created=0"},
		{"Host", "Host  date"}, {"Host", "Host(x)"}, {"Host", "(created"}, {"Host", "host:"}, {"Host", "HOST host"},
		{"Host", strings.Repeat("x", 3) + strings.Repeat(" h", 40)},
		{"keyId", "keyid"}, {"keyId", "key-Id"}, {"https://a.example/u#k", ""}, {"https://a.example/u#k", "https://a@b.example/u#k"},
		{`HS2019"`, `HS2019`}, {`algorithm="HS2019"`, "algorithm=hs2019"}, {"created=12", strings.Repeat("a", 9000) + "=1"},
		{`,signature`, `;signature`},
	} {
		bad := strings.Replace(good, edit[0], edit[1], 1)
		if s, err := parseSignature(bad); bad != good && !fault.Is(err, fault.Unauthenticated) {
			t.Errorf("%.200s: got %+v, %v, want unauthenticated", bad, s, err)
		}
	}
}

// FuzzParseSignature holds that what we read is what httpsig reads of the
// header that we spell for it.
func FuzzParseSignature(f *testing.F) {
	f.Add(`keyId="https://a.example/u#k",algorithm="rsa-sha256",headers="(request-target) host date digest",signature="QUJD"`)
	f.Add(`keyId="https://a.example/u,b", headers="(created) (expires) host",created=1,expires="2" , signature="QUJD"`)
	f.Add(`keyId="https://a.example/u",keyId="https://b.example/u",headers="date date",signature="QUJD"`)
	f.Add(`Signature keyId="x"`)
	f.Add(`,,=,"=`)
	f.Fuzz(func(t *testing.T, line string) {
		s, err := parseSignature(line)
		if err != nil {
			if !fault.Is(err, fault.Unauthenticated) || strings.ContainsAny(fault.Message(err), "\r\n") {
				t.Errorf("error %v", err)
			}
			return
		}
		if CheckIRI(s.keyID) != nil || len(s.value) == 0 || strings.Count(line, `keyId`) == 0 {
			t.Errorf("%q reads as %+v", line, s)
		}
		r, _ := http.NewRequest(http.MethodGet, "https://ours.example/", nil)
		if slices.Contains(s.covered, "(created)") && s.created == 0 || slices.Contains(s.covered, "(expires)") && s.expires == 0 {
			return // Verify refuses it before it is spelled
		}
		shadow := shadowOf(r, "/", 1)
		spelled := s.shadow(shadow)
		if !strings.Contains(spelled, base64.StdEncoding.EncodeToString(s.value)) {
			t.Errorf("%q is spelled %q", line, spelled)
		}
		shadow.Header["Signature"] = []string{spelled}
		if _, err := httpsig.NewVerifier(shadow); err != nil && !strings.Contains(err.Error(), "future") && !strings.Contains(err.Error(), "expired") {
			t.Errorf("%q is spelled %q: %v", line, spelled, err)
		}
		again, err := parseSignature(strings.Replace(spelled, `"k"`, `"`+s.keyID+`"`, 1))
		if err != nil || !bytes.Equal(again.value, s.value) {
			t.Errorf("%q is spelled %q, read as %+v, %v", line, spelled, again, err)
		}
	})
}
