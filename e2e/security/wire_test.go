package security

import (
	"bufio"
	"crypto/tls"
	"net/http"
	"testing"
	"time"
)

// dial opens a connection to the town, for what no client would send.
func (w *town) dial(t testing.TB) *tls.Conn {
	t.Helper()
	roots := w.http.Transport.(*http.Transport).TLSClientConfig.RootCAs
	c, err := tls.Dial("tcp", w.host, &tls.Config{RootCAs: roots, NextProtos: []string{"http/1.1"}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() }) // nothing is in it
	return c
}

// raw sends bytes and gives the status of the answer, 0 for none.
func (w *town) raw(t testing.TB, text string) int {
	t.Helper()
	c := w.dial(t)
	if err := c.SetDeadline(time.Now().Add(patience)); err != nil {
		t.Fatal(err)
	}
	go func() { _, _ = c.Write([]byte(text)) }() // the server may hang up before its end
	res, err := http.ReadResponse(bufio.NewReader(c), nil)
	if err != nil {
		return 0
	}
	defer res.Body.Close()
	return res.StatusCode
}
