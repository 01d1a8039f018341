package server

import (
	"net"
	"net/http"
	"net/netip"
	"strings"
	"time"

	"github.com/maypok86/otter/v2"
	"golang.org/x/time/rate"

	"passerelles/fault"
	"passerelles/federation"
	"passerelles/pace"
)

const (
	refusalsAtOnce = 60                // refused activities before a sender must slow down
	refusalsEach   = time.Second       // one more is let through
	refusalsOwed   = 59                // at most: who waits a minute, as they are told, is heard
	vainCosts      = 6                 // refusals: whoever names keys that are not to be had makes us ask for them
	sendersKnown   = 10_000            // the rest is forgotten
	sendersFor     = 10 * time.Minute  // since their first refusal
	forwarded      = "X-Forwarded-For" // what a proxy on this machine says of the visitor
	tooManyBad     = "too many bad requests: slow down"
)

// visitor puts the visitor's own address in RemoteAddr. Only a proxy on this
// machine is believed, and only what it wrote itself: the last address.
func visitor(r *http.Request) {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		return
	}
	near, err := netip.ParseAddr(host)
	if err != nil || !near.IsLoopback() {
		return
	}
	list := r.Header.Values(forwarded)
	if len(list) == 0 {
		return
	}
	last := list[len(list)-1]
	far, err := netip.ParseAddr(strings.TrimSpace(last[strings.LastIndex(last, ",")+1:]))
	if err == nil {
		r.RemoteAddr = netip.AddrPortFrom(far.Unmap(), 0).String()
	}
}

// refusals slows down senders whose activities are refused, in this process.
// Good ones cost nothing. A sender is an address and the host that it claims to
// sign for, so that nobody is stopped by what others say in his name elsewhere.
type refusals struct {
	senders *otter.Cache[string, *rate.Limiter]
}

func newRefusals() *refusals {
	return &refusals{senders: otter.Must(&otter.Options[string, *rate.Limiter]{
		MaximumSize:      sendersKnown,
		ExpiryCalculator: otter.ExpiryWriting[string, *rate.Limiter](sendersFor),
	})}
}

// limit answers 429 to a sender with too many refusals, else hands on.
func (f *refusals) limit(next http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if err := f.patient(r); err != nil {
			w.Header().Set("Retry-After", fault.RetryAfter(err))
			http.Error(w, fault.Message(err), http.StatusTooManyRequests)
			return
		}
		a := &answer{ResponseWriter: w}
		next(a, r)
		if a.status >= 400 && a.status < 500 {
			f.charge(r, 1)
		}
	}
}

// patient refuses a sender with too many refusals.
func (f *refusals) patient(r *http.Request) error {
	if known, ok := f.senders.GetIfPresent(senderOf(r)); ok && known.Tokens() < 1 {
		return fault.Later(fault.TooMany, tooManyBad, time.Minute)
	}
	return nil
}

// vain charges a sender for a key that could not be had, whatever it was answered.
func (f *refusals) vain(r *http.Request) { f.charge(r, vainCosts) }

// charge may put a sender in debt: then it waits longer.
func (f *refusals) charge(r *http.Request, refused int) {
	fresh := rate.NewLimiter(rate.Every(refusalsEach), refusalsAtOnce)
	limiter, _ := f.senders.SetIfAbsent(senderOf(r), fresh)
	if refused = min(refused, refusalsOwed+int(limiter.Tokens())); refused > 0 {
		limiter.ReserveN(time.Now(), refused)
	}
}

func senderOf(r *http.Request) string {
	address := pace.Visitor(r)
	key, err := federation.KeyID(r)
	if err != nil {
		return address
	}
	return address + " " + federation.Host(key)
}
