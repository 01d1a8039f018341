package federation

import (
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/asn1"
	"encoding/pem"
	"math/big"
	"strings"
	"testing"

	"passerelles/fault"
)

func block(kind string, der []byte) string {
	return string(pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}))
}

// absurd writes a public key that no generator would make.
func absurd(t *testing.T, bits uint, exponent int64) string {
	t.Helper()
	n := new(big.Int).Lsh(big.NewInt(1), bits-1)
	return written(t, n.Add(n, big.NewInt(1)), exponent)
}

func written(t *testing.T, n *big.Int, exponent int64) string {
	t.Helper()
	der, err := asn1.Marshal(struct{ N, E *big.Int }{n, big.NewInt(exponent)})
	if err != nil {
		t.Fatal(err)
	}
	return block("RSA PUBLIC KEY", der)
}

func TestParsePublicPEM(t *testing.T) {
	t.Parallel()
	public := &eveKey().PublicKey
	pkix, err := PublicPEM(public)
	if err != nil {
		t.Fatal(err)
	}
	accepted := map[string]string{
		"PKIX":                      pkix,
		"PKCS#1":                    block("RSA PUBLIC KEY", x509.MarshalPKCS1PublicKey(public)),
		"PKCS#1 under another name": block("PUBLIC KEY", x509.MarshalPKCS1PublicKey(public)),
		"with white space around":   "\r\n  " + strings.ReplaceAll(pkix, "\n", "\r\n") + "\n\n",
	}
	for name, text := range accepted {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			key, err := ParsePublicPEM(text)
			if err != nil || !public.Equal(key) {
				t.Errorf("got %v, %v", key, err)
			}
		})
	}
	curve, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	curvePEM, err := PublicPEM(curve.Public())
	if err != nil {
		t.Fatal(err)
	}
	refused := map[string]string{
		"512 bits":      absurd(t, 512, 65537),
		"2047 bits":     absurd(t, 2047, 65537),
		"16384 bits":    absurd(t, 16384, 65537),
		"exponent 1":    absurd(t, 2048, 1),
		"even exponent": absurd(t, 2048, 4),
		"huge exponent": absurd(t, 2048, 1<<40+1),
		"even modulus":  written(t, new(big.Int).Lsh(big.NewInt(1), 2047), 65537),
		"negative":      absurd(t, 2048, -3),
		"a curve":       curvePEM,
		"1 MB":          strings.Repeat(pkix, 1<<20/len(pkix)),
		"two keys":      pkix + pkix,
		"nothing":       "",
		"no PEM":        "MIIB",
		"garbage":       block("PUBLIC KEY", []byte("garbage")),
		"a private key": block("PRIVATE KEY", x509.MarshalPKCS1PrivateKey(eveKey())),
	}
	for name, text := range refused {
		t.Run("refuses "+name, func(t *testing.T) {
			t.Parallel()
			if key, err := ParsePublicPEM(text); !fault.Is(err, fault.Invalid) {
				t.Errorf("got %v, %v, want invalid", key, err)
			}
		})
	}
	if _, err := ParsePublicPEM(absurd(t, 8192, 3)); err != nil {
		t.Errorf("8192 bits, exponent 3: %v", err)
	}
}

func TestPrivatePEM(t *testing.T) {
	t.Parallel()
	text, err := PrivatePEM(eveKey())
	if err != nil {
		t.Fatal(err)
	}
	key, err := ParsePrivatePEM(text)
	if err != nil || !eveKey().Equal(key) {
		t.Errorf("RSA: got %v, %v", key, err)
	}
	_, ed, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	if text, err = PrivatePEM(ed); err != nil {
		t.Fatal(err)
	}
	if key, err = ParsePrivatePEM(text); err != nil || !ed.Equal(key) {
		t.Errorf("Ed25519: got %v, %v", key, err)
	}
	if _, err := ParsePrivatePEM("secret"); !fault.Is(err, fault.Invalid) || strings.Contains(err.Error(), "secret") {
		t.Errorf("garbage: %v", err)
	}
}

func TestVerifyRefusesAWeakKey(t *testing.T) {
	t.Parallel()
	r := request4(t, "https://ours.example/inbox", `{}`)
	mustSign(t, r, `{}`)
	weak, err := rsa.GenerateKey(rand.Reader, 1024)
	if err != nil {
		t.Fatal(err)
	}
	small := request4(t, "https://ours.example/inbox", `{}`)
	if err := Sign(small, []byte(`{}`), PrivateKey{ID: eveKeyID, Signer: weak}, noon); err != nil {
		t.Fatal(err)
	}
	if _, err := Verify(small, []byte(`{}`), weak.Public(), noon); !fault.Is(err, fault.Unauthenticated) {
		t.Errorf("1024 bits: %v, want unauthenticated", err)
	}
	for _, key := range []any{nil, "key"} {
		if _, err := Verify(r, []byte(`{}`), key, noon); !fault.Is(err, fault.Unauthenticated) {
			t.Errorf("%T: %v, want unauthenticated", key, err)
		}
	}
}
