package server

import (
	"cmp"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/gorilla/mux"
)

// Who may come in by a door.
const (
	anybody = "anybody"
	member  = "a member"         // who else comes is sent to sign in
	admin   = "an administrator" // for all others there is nothing
	signed  = "a signed server"  // every other is refused
)

// way is a way in, and what is claimed of it.
type way struct {
	who     string
	ownPage bool   // taken from pages of ours only: nobody can have a browser send it from another site
	body    int64  // the most that is read of it; 0: nothing is
	limited string // what is counted, beside what the network in front does
	answers int    // the status for who may come in; 0: 200
}

const form = 1 << 20 // bytes: what a form may hold

// doors are all ways in. A route without a line here fails the test, and a line without
// a route.
var doors = map[string]way{
	"GET /actors/{id:[0-9]+}/themes/{theme:[0-9]+}": {who: anybody, limited: "keys asked for in vain"},

	"ANY /inbox":                                        {who: signed, body: 1 << 20, limited: "refusals, by address and host of the key"},
	"ANY /actors/{id:[0-9]+}/inbox":                     {who: signed, body: 1 << 20, limited: "refusals, by address and host of the key"},
	"GET /healthz":                                      {who: anybody},
	"GET /readyz":                                       {who: anybody},
	"GET /.well-known/webfinger":                        {who: anybody},
	"GET /.well-known/host-meta":                        {who: anybody},
	"GET /.well-known/host-meta.json":                   {who: anybody},
	"GET /.well-known/nodeinfo":                         {who: anybody},
	`GET /nodeinfo/{version:2\.[01]}`:                   {who: anybody},
	"GET /actor":                                        {who: anybody},
	"GET /actor/outbox":                                 {who: anybody},
	"GET /actor/followers":                              {who: anybody},
	"GET /actor/following":                              {who: anybody},
	"GET /actors/{id:[0-9]+}":                           {who: anybody, limited: "keys asked for in vain"},
	"GET /actors/{id:[0-9]+}/outbox":                    {who: anybody, limited: "keys asked for in vain"},
	"GET /actors/{id:[0-9]+}/followers":                 {who: anybody, limited: "keys asked for in vain"},
	"GET /actors/{id:[0-9]+}/following":                 {who: anybody, limited: "keys asked for in vain"},
	"GET /actors/{id:[0-9]+}/members":                   {who: anybody, limited: "keys asked for in vain"},
	"GET /actors/{id:[0-9]+}/moderators":                {who: anybody, limited: "keys asked for in vain"},
	"GET /actors/{id:[0-9]+}/featured":                  {who: anybody, limited: "keys asked for in vain"},
	"GET /posts/{id:[0-9]+}/context":                    {who: anybody, limited: "keys asked for in vain"},
	"GET /posts/{id:[0-9]+}/replies":                    {who: anybody, limited: "keys asked for in vain"},
	"GET /posts/{id:[0-9]+}/likes":                      {who: anybody, limited: "keys asked for in vain"},
	"GET /posts/{id:[0-9]+}/quotes/{quote:[0-9]+}":      {who: anybody, limited: "keys asked for in vain"},
	"GET /echoes/{id:[0-9]+}":                           {who: anybody, limited: "keys asked for in vain"},
	"GET /activities/{key}":                             {who: anybody, limited: "keys asked for in vain"},
	"GET /@{name:[A-Za-z0-9_]+}":                        {who: anybody, limited: "keys asked for in vain"},
	"GET /c/{name:[A-Za-z0-9_]+}":                       {who: anybody, limited: "keys asked for in vain"},
	"GET /":                                             {who: anybody},
	"GET /search":                                       {who: anybody, limited: "what is asked of other servers, by member"},
	"GET /communities":                                  {who: anybody},
	"GET /communities/new":                              {who: member},
	"POST /communities/new":                             {who: member, ownPage: true, body: form, limited: "communities, by member and day"},
	"GET /tags/{tag}":                                   {who: anybody},
	"GET /c/{name}":                                     {who: anybody},
	"GET /c/{name}/feed.atom":                           {who: anybody},
	"POST /c/{name}/join":                               {who: member, ownPage: true, body: form},
	"POST /c/{name}/leave":                              {who: member, ownPage: true, body: form},
	"GET /c/{name}/requests":                            {who: member},
	"POST /c/{name}/requests":                           {who: member, ownPage: true, body: form},
	"GET /c/{name}/members":                             {who: member},
	"POST /c/{name}/invite":                             {who: member, ownPage: true, body: form, limited: "what is asked of other servers, by member"},
	"POST /c/{name}/dismiss":                            {who: member, ownPage: true, body: form},
	"POST /c/{name}/hide":                               {who: member, ownPage: true, body: form},
	"GET /c/{name}/charter":                             {who: anybody},
	"POST /c/{name}/charter":                            {who: member, ownPage: true, body: form},
	"GET /c/{name}/settings":                            {who: member},
	"POST /c/{name}/settings":                           {who: member, ownPage: true, body: form},
	"GET /c/{name}/people/{id:[0-9]+}":                  {who: member},
	"POST /c/{name}/people/{id:[0-9]+}/ban":             {who: member, ownPage: true, body: form},
	"POST /c/{name}/people/{id:[0-9]+}/unban":           {who: member, ownPage: true, body: form},
	"POST /c/{name}/people/{id:[0-9]+}/notes":           {who: member, ownPage: true, body: form},
	"POST /c/{name}/people/{id:[0-9]+}/notes/drop":      {who: member, ownPage: true, body: form},
	"GET /c/{name}/bans":                                {who: member},
	"GET /c/{name}/invitations":                         {who: member},
	"POST /c/{name}/invitations":                        {who: member, ownPage: true, body: form},
	"POST /c/{name}/invitations/end":                    {who: member, ownPage: true, body: form},
	"GET /i/{token}":                                    {who: anybody, answers: http.StatusSeeOther},
	"GET /invitation":                                   {who: member, answers: http.StatusNotFound}, // of who opened no link
	"POST /invitation":                                  {who: member, ownPage: true, body: form},
	"GET /c/{name}/themes":                              {who: member},
	"POST /c/{name}/themes":                             {who: member, ownPage: true, body: form},
	"GET /c/{name}/posting":                             {who: member},
	"POST /c/{name}/posting":                            {who: member, ownPage: true, body: form},
	"POST /c/{name}/role":                               {who: member, ownPage: true, body: form},
	"POST /c/{name}/hand-over":                          {who: member, ownPage: true, body: form},
	"GET /c/{name}/manage":                              {who: member},
	"POST /c/{name}/manage":                             {who: member, ownPage: true, body: form},
	"POST /c/{name}/picture":                            {who: member, ownPage: true, body: form},
	"POST /c/{name}/rename":                             {who: member, ownPage: true, body: form},
	"POST /c/{name}/archive":                            {who: member, ownPage: true, body: form},
	"GET /c/{name}/level":                               {who: member},
	"POST /c/{name}/level":                              {who: member, ownPage: true, body: form},
	"GET /c/{name}/end":                                 {who: member},
	"POST /c/{name}/end":                                {who: member, ownPage: true, body: form},
	"POST /notices/end":                                 {who: member, ownPage: true, body: form},
	"GET /admin/communities":                            {who: admin},
	"POST /admin/communities":                           {who: admin, ownPage: true, body: form},
	"GET /@{name}":                                      {who: anybody},
	"GET /@{name}/feed.atom":                            {who: anybody},
	"POST /posts":                                       {who: member, ownPage: true, body: form},
	"GET /posts/{id:[0-9]+}":                            {who: anybody},
	"POST /posts/{id:[0-9]+}/replies":                   {who: member, ownPage: true, body: form},
	"GET /posts/{id:[0-9]+}/edit":                       {who: member},
	"POST /posts/{id:[0-9]+}/edit":                      {who: member, ownPage: true, body: form},
	"GET /posts/{id:[0-9]+}/delete":                     {who: member},
	"POST /posts/{id:[0-9]+}/delete":                    {who: member, ownPage: true, body: form},
	"POST /posts/{id:[0-9]+}/like":                      {who: member, ownPage: true, body: form},
	"POST /posts/{id:[0-9]+}/vote":                      {who: member, ownPage: true, body: form},
	"POST /posts/{id:[0-9]+}/unlike":                    {who: member, ownPage: true, body: form},
	"GET /posts/{id:[0-9]+}/report":                     {who: member},
	"GET /posts/{id:[0-9]+}/quote":                      {who: member},
	"GET /posts/{id:[0-9]+}/quotes":                     {who: anybody},
	"POST /posts/{id:[0-9]+}/quotes/{quote:[0-9]+}/end": {who: member, ownPage: true, body: form},
	"POST /posts/{id:[0-9]+}/report":                    {who: member, ownPage: true, body: form, limited: "reports, by member and day"},
	"GET /@{name}/report":                               {who: member},
	"POST /@{name}/report":                              {who: member, ownPage: true, body: form, limited: "reports, by member and day"},
	"GET /reports":                                      {who: member},
	"GET /reports/{id:[0-9]+}":                          {who: member},
	"POST /reports/{id:[0-9]+}":                         {who: member, ownPage: true, body: form},
	"GET /c/{name}/reports":                             {who: member},
	"GET /posts/{id:[0-9]+}/rule":                       {who: member},
	"POST /posts/{id:[0-9]+}/rule":                      {who: member, ownPage: true, body: form},
	"GET /c/{name}/rulings":                             {who: anybody},
	"POST /c/{name}/rulings":                            {who: member, ownPage: true, body: form},
	"GET /rulings/{id:[0-9]+}":                          {who: member},
	"POST /rulings/{id:[0-9]+}/appeal":                  {who: member, ownPage: true, body: form},
	"POST /rulings/{id:[0-9]+}/answer":                  {who: member, ownPage: true, body: form},
	"POST /admin/accounts/{name}/suspend":               {who: admin, ownPage: true, body: form},
	"POST /admin/accounts/{name}/restore":               {who: admin, ownPage: true, body: form},
	"GET /admin/reports":                                {who: admin},
	"GET /follow":                                       {who: member},
	"POST /follow":                                      {who: member, ownPage: true, body: form},
	"POST /unfollow":                                    {who: member, ownPage: true, body: form},
	"POST /follow/answer":                               {who: member, ownPage: true, body: form},
	"GET /admin/deliveries":                             {who: admin},
	"POST /admin/deliveries/retry":                      {who: admin, ownPage: true, body: form},
	"POST /admin/deliveries/drop":                       {who: admin, ownPage: true, body: form},
	"POST /admin/deliveries/resume":                     {who: admin, ownPage: true, body: form},
	"GET /admin/acts":                                   {who: admin},
	"GET /admin/servers":                                {who: admin},
	"POST /admin/servers":                               {who: admin, ownPage: true, body: form},
	"POST /admin/servers/mode":                          {who: admin, ownPage: true, body: form},
	"POST /admin/servers/import":                        {who: admin, ownPage: true, body: form},
	"GET /admin/servers/export.csv":                     {who: admin},
	"GET /media/remote/{signature}/{picture}":           {who: anybody, limited: "what is fetched at a time, in all and of each server"},
	"GET /admin/sign-ups":                               {who: admin},
	"POST /admin/sign-ups":                              {who: admin, ownPage: true, body: form},
	"POST /admin/invitations":                           {who: admin, ownPage: true, body: form},
	"POST /admin/invitations/end":                       {who: admin, ownPage: true, body: form},
	"GET /admin/settings":                               {who: admin},
	"POST /admin/settings":                              {who: admin, ownPage: true, body: form},
	"GET /admin/mails":                                  {who: admin},
	"GET /sign-up":                                      {who: anybody},
	"POST /sign-up":                                     {who: anybody, ownPage: true, body: form, limited: "by address, by mailbox, and over all"},
	"GET /sign-up/sent":                                 {who: anybody},
	"GET /confirm/{ticket}":                             {who: anybody},
	"POST /confirm/{ticket}":                            {who: anybody, ownPage: true, body: form, limited: "failures, by sign-up and by address"},
	"GET /settings/address":                             {who: member},
	"POST /settings/address":                            {who: member, ownPage: true, body: form, limited: "by member and by mailbox"},
	"GET /address/{ticket}":                             {who: anybody},
	"POST /address/{ticket}":                            {who: anybody, ownPage: true, body: form},
	"GET /reset":                                        {who: anybody},
	"POST /reset":                                       {who: anybody, ownPage: true, body: form, limited: "by address and by mailbox"},
	"GET /reset/sent":                                   {who: anybody},
	"GET /reset/{ticket}":                               {who: anybody},
	"POST /reset/{ticket}":                              {who: anybody, ownPage: true, body: form},
	"GET /settings":                                     {who: member},
	"POST /settings/profile":                            {who: member, ownPage: true, body: form},
	"POST /block":                                       {who: member, ownPage: true, body: form},
	"POST /unblock":                                     {who: member, ownPage: true, body: form},
	"POST /mute":                                        {who: member, ownPage: true, body: form},
	"POST /unmute":                                      {who: member, ownPage: true, body: form},
	"GET /settings/factor":                              {who: member},
	"POST /settings/factor/on":                          {who: member, ownPage: true, body: form, limited: "failures, by name and by address"},
	"POST /settings/factor/codes":                       {who: member, ownPage: true, body: form, limited: "failures, by name and by address"},
	"POST /settings/passkeys":                           {who: member, ownPage: true, body: form, limited: "failures, by name and by address"},
	"POST /settings/passkeys/add":                       {who: member, ownPage: true, body: form},
	"POST /settings/passkeys/end":                       {who: member, ownPage: true, body: form},
	"POST /settings/factor/off":                         {who: member, ownPage: true, body: form, limited: "failures, by name and by address"},
	"GET /settings/export":                              {who: member},
	"POST /settings/export":                             {who: member, ownPage: true, body: form},
	"GET /settings/leave":                               {who: member},
	"POST /settings/leave":                              {who: member, ownPage: true, body: form, limited: "failures, by name and by address"},
	"GET /settings/shunned":                             {who: member},
	"POST /settings/picture":                            {who: member, ownPage: true, body: form},
	"GET /settings/scheduled":                           {who: member},
	"POST /settings/scheduled/{id:[0-9]+}/cancel":       {who: member, ownPage: true, body: form},
	"GET /settings/sessions":                            {who: member},
	"POST /settings/sessions/end":                       {who: member, ownPage: true, body: form},
	"POST /settings/sessions/end-others":                {who: member, ownPage: true, body: form},
	"POST /settings/password":                           {who: member, ownPage: true, body: form, limited: "failures, by name and by address"},
	"GET /sign-in":                                      {who: anybody},
	"POST /sign-in":                                     {who: anybody, ownPage: true, body: form, limited: "failures, by name and by address"},
	"GET /sign-in/code":                                 {who: anybody, answers: http.StatusSeeOther}, // of who did not show the password
	"POST /sign-in/code/passkey":                        {who: anybody, ownPage: true, body: form, limited: "tries, by address"},
	"POST /sign-in/passkey":                             {who: anybody, ownPage: true, body: form, limited: "tries, by address"},
	"POST /sign-in/code":                                {who: anybody, ownPage: true, body: form, limited: "tries, by member"},
	"POST /sign-out":                                    {who: anybody, ownPage: true, body: form},
	"POST /language":                                    {who: anybody, ownPage: true, body: form},
	"GET /about":                                        {who: anybody},
	"GET /sitemap.xml":                                  {who: anybody},
	"GET /robots.txt":                                   {who: anybody},
	"GET /static/{file}":                                {who: anybody},
	"GET /notifications":                                {who: member},
	"GET /notifications/{notice:[0-9]+}":                {who: member, answers: http.StatusSeeOther},
	"POST /notifications/read":                          {who: member, ownPage: true, body: form},
	"GET /settings/notifications":                       {who: member},
	"POST /settings/notifications":                      {who: member, ownPage: true, body: form},
	"GET /unsubscribe/{end}":                            {who: anybody},
	"POST /unsubscribe/{end}":                           {who: anybody, body: form},
	"GET /files/{attached}":                             {who: anybody, limited: "keys asked for in vain"},
	"GET /portraits/{portrait}":                         {who: anybody, limited: "keys asked for in vain"},
	"GET /oauth/authorize":                              {who: member, answers: http.StatusBadRequest}, // for no app
	"GET /oauth/authorize/":                             {who: member, answers: http.StatusBadRequest},
	"POST /oauth/authorize":                             {who: member, ownPage: true, body: form},
}

// routeNames are the routes of the site, as the table of doors names them; HEAD goes with GET.
func routeNames(t *testing.T, router *mux.Router) (names []string) {
	t.Helper()
	err := router.Walk(func(route *mux.Route, _ *mux.Router, _ []*mux.Route) error {
		path, err := route.GetPathTemplate()
		if err != nil {
			return err
		}
		methods, err := route.GetMethods()
		if err != nil {
			methods = []string{"ANY"} // the route takes all, and its handler refuses
		}
		for _, method := range methods {
			if name := method + " " + path; method != http.MethodHead && !slices.Contains(names, name) {
				names = append(names, name)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return names
}

// TestEveryDoorHasItsLine walks the router.
func TestEveryDoorHasItsLine(t *testing.T) {
	t.Parallel()
	names := routeNames(t, newSite(t).routes())
	for _, name := range names {
		if _, found := doors[name]; !found && !ofApps(name) {
			t.Errorf("%s has no line in the table of doors", name)
		}
	}
	for name := range doors {
		if !slices.Contains(names, name) {
			t.Errorf("the table of doors has %s, which is no route", name)
		}
	}
}

// TestDoors tries what the table claims.
func TestDoors(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	for name, d := range doors {
		t.Run(name, func(t *testing.T) {
			method, template, _ := strings.Cut(name, " ")
			path := s.samples.Replace(template)
			if d.who == signed {
				s.tryInbox(t, path, d)
				return
			}
			if method == http.MethodGet {
				s.tryReading(t, path, d)
			} else {
				s.tryWriting(t, path, d)
			}
			s.tryMethods(t, path)
		})
	}
}

func (s *site) tryInbox(t *testing.T, path string, d way) {
	t.Helper()
	body := `{"id":"https://x.example/1","type":"Like","actor":"https://x.example/u","object":"https://x.example/o"}`
	if got, _, _ := s.ask(t, http.MethodPost, path, strings.NewReader(body), anActivity); got != http.StatusUnauthorized {
		t.Errorf("unsigned: %d, want 401", got)
	}
	if got, _, _ := s.ask(t, http.MethodPost, path, strings.NewReader(body), anActivity, s.asAna); got != http.StatusUnauthorized {
		t.Errorf("a member: %d, want 401", got)
	}
	large := body + strings.Repeat(" ", int(d.body))
	if got, _, _ := s.ask(t, http.MethodPost, path, strings.NewReader(large), anActivity); got != http.StatusRequestEntityTooLarge {
		t.Errorf("too large: %d, want 413", got)
	}
	for _, method := range []string{http.MethodGet, http.MethodHead, http.MethodPut, http.MethodDelete, http.MethodOptions} {
		if got, _, _ := s.ask(t, method, path, nil, anActivity); got != http.StatusMethodNotAllowed {
			t.Errorf("%s: %d, want 405", method, got)
		}
	}
}

func (s *site) tryReading(t *testing.T, path string, d way) {
	t.Helper()
	status, head, _ := s.ask(t, http.MethodGet, path, nil)
	shown := status
	if status == http.StatusNotAcceptable || status == http.StatusNotFound {
		shown, head, _ = s.ask(t, http.MethodGet, path, nil, aDocument)
	}
	switch d.who {
	case member:
		s.wantsSignIn(t, status, head)
		shown, head, _ = s.ask(t, http.MethodGet, path, nil, s.asAna)
	case admin:
		s.hides(t, http.MethodGet, path)
		shown, head, _ = s.ask(t, http.MethodGet, path, nil, s.asChef)
	}
	if want := cmp.Or(d.answers, http.StatusOK); shown != want {
		t.Errorf("%d for %s, want %d", shown, d.who, want)
	}
	for name, want := range map[string]string{"X-Content-Type-Options": "nosniff", "Referrer-Policy": "same-origin"} {
		if got := head.Get(name); got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
	checkPolicy(t, head.Get("Content-Security-Policy"))
}

func (s *site) wantsSignIn(t *testing.T, status int, head http.Header) {
	t.Helper()
	if to := head.Get("Location"); status != http.StatusSeeOther || !strings.HasPrefix(to, "/sign-in?next=") {
		t.Errorf("anybody: %d to %q, want to be sent to sign in", status, to)
	}
}

func (s *site) tryWriting(t *testing.T, path string, d way) {
	t.Helper()
	fields := func() io.Reader { return strings.NewReader(url.Values{"text": {""}}.Encode()) }
	switch d.who {
	case member:
		status, head, _ := s.ask(t, http.MethodPost, path, fields())
		s.wantsSignIn(t, status, head)
	case admin:
		s.hides(t, http.MethodPost, path)
	}
	if d.ownPage {
		if got, _, _ := s.ask(t, http.MethodPost, path, fields(), s.as(d), fromElsewhere); got != http.StatusForbidden {
			t.Errorf("from another site: %d, want 403", got)
		}
		if got, _, _ := s.ask(t, http.MethodPost, path, fields(), s.as(d), func(r *http.Request) { r.Header.Set("Origin", "null") }); got != http.StatusForbidden {
			t.Errorf("from nowhere: %d, want 403", got)
		}
	}
	large := strings.NewReader("text=" + strings.Repeat("x", int(d.body)))
	if got, _, _ := s.ask(t, http.MethodPost, path, large, s.as(d)); got != http.StatusRequestEntityTooLarge {
		t.Errorf("too large: %d, want 413", got)
	}
}

func (s *site) tryMethods(t *testing.T, path string) {
	t.Helper()
	for _, method := range []string{http.MethodPut, http.MethodDelete, http.MethodPatch, http.MethodTrace} {
		if got, _, _ := s.ask(t, method, path, nil, s.asAna); got != http.StatusMethodNotAllowed {
			t.Errorf("%s: %d, want 405", method, got)
		}
	}
}
