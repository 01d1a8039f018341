package server

import (
	"net/http"
	"net/url"
	"testing"

	"passerelles/accounts"
)

// TestAdministratorsInApps suspend and restore as on the site, which is noted; others may not, whatever their token says.
func TestAdministratorsInApps(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	_, err := s.Accounts.Create(t.Context(), accounts.New{Name: "rita", Email: "rita@example.org", Password: "correct horse battery", Admin: true})
	must(t, err)
	rita, eve := s.phone(t, "rita"), s.phone(t, "eve")
	const list = "/api/v1/admin/accounts"
	var at string
	for _, one := range rita.rows(list + "?username=eve") {
		at = list + "/" + one.(thing)["id"].(string)
	}
	if one := rita.does(http.MethodGet, at, nil); one["username"] != "eve" || one["suspended"] != false || one["email"] != "" || one["domain"] != nil {
		t.Errorf("Ève is %v", one)
	}
	suspend := url.Values{"type": {"suspend"}, "text": {"Des injures."}}
	for path, method := range map[string]string{list: http.MethodGet, at: http.MethodGet, at + "/action": http.MethodPost, at + "/unsuspend": http.MethodPost} {
		if status, answer := eve.sends(method, path, suspend); status != 403 {
			t.Errorf("Ève's %s: %d %v", path, status, answer)
		}
	}
	if status, answer := rita.sends(http.MethodPost, at+"/action", url.Values{"type": {"silence"}}); status != 422 {
		t.Errorf("silenced: %d %v", status, answer)
	}
	if status, answer := rita.sends(http.MethodPost, list+"/7/action", suspend); status != 404 {
		t.Errorf("nobody: %d %v", status, answer)
	}
	rita.does(http.MethodPost, at+"/action", suspend)
	if got := rita.rows(list + "?suspended=true"); len(got) != 1 || got[0].(thing)["username"] != "eve" {
		t.Errorf("suspended are %v", got)
	}
	if status, _ := eve.sends(http.MethodGet, "/api/v1/accounts/verify_credentials", nil); status != 401 && status != 403 {
		t.Errorf("suspended, Ève comes in: %d", status)
	}
	if got := rita.does(http.MethodPost, at+"/unsuspend", nil); got["suspended"] != false {
		t.Errorf("restored, she is %v", got)
	}
	var noted int
	must(t, s.DB.QueryRow(t.Context(), `SELECT count(*) FROM acts WHERE kind IN ('account.suspend', 'account.restore')`).Scan(&noted))
	if noted != 2 {
		t.Errorf("%d acts are noted, want 2", noted)
	}
}
