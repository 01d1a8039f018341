package server

import (
	"bytes"
	"mime/multipart"
	"net/http"
	"net/url"
	"strings"
	"testing"
)

// partsOf is a form with pictures, as apps that change a profile send it.
func partsOf(t *testing.T, files map[string][]byte, said ...string) func(*http.Request) {
	t.Helper()
	var b bytes.Buffer
	form := multipart.NewWriter(&b)
	for i := 0; i+1 < len(said); i += 2 {
		must(t, form.WriteField(said[i], said[i+1]))
	}
	for name, content := range files {
		part, err := form.CreateFormFile(name, name+".png")
		must(t, err)
		_, err = part.Write(content)
		must(t, err)
	}
	must(t, form.Close())
	return func(r *http.Request) {
		r.Header.Set("Content-Type", form.FormDataContentType())
		r.Body, r.ContentLength = rereadable{bytes.NewReader(b.Bytes())}, int64(b.Len())
	}
}

func fieldsOf(account thing) string {
	var all []string
	for _, one := range account["fields"].([]any) {
		f := one.(thing)
		all = append(all, f["name"].(string)+"="+f["value"].(string))
	}
	return strings.Join(all, "; ")
}

// TestProfilesOfApps are changed as each app sends them, and seen by others.
func TestProfilesOfApps(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	ana := s.phone(t, "ana")
	const at = "/api/v1/accounts/update_credentials"
	const link = `Site=<a href="https://atelier.example/?a=1&amp;b=2" rel="me nofollow noopener noreferrer ugc">https://atelier.example/?a=1&amp;b=2</a>`
	for name, form := range map[string]func(*http.Request){
		"an indexed hash": asForm(url.Values{"fields_attributes[0][name]": {"Site"}, "fields_attributes[0][value]": {"https://atelier.example/?a=1&b=2"},
			"fields_attributes[1][name]": {"Ville <b>"}, "fields_attributes[1][value]": {"Matane <b>"}, "fields_attributes[2][name]": {""}, "fields_attributes[2][value]": {""}}),
		"a list": asForm(url.Values{"fields_attributes[][name]": {"Site", "Ville <b>"}, "fields_attributes[][value]": {"https://atelier.example/?a=1&b=2", "Matane <b>"}}),
		"JSON":   asJSON(t, thing{"fields_attributes": []thing{{"name": "Site", "value": "https://atelier.example/?a=1&b=2"}, {"name": "Ville <b>", "value": "Matane <b>"}}}),
		"JSON of a hash": asJSON(t, thing{"fields_attributes": thing{"0": thing{"name": "Site", "value": "https://atelier.example/?a=1&b=2"},
			"1": thing{"name": "Ville <b>", "value": "Matane <b>"}}}),
		"parts": partsOf(t, nil, "fields_attributes[0][name]", "Site", "fields_attributes[0][value]", "https://atelier.example/?a=1&b=2",
			"fields_attributes[1][name]", "Ville <b>", "fields_attributes[1][value]", "Matane <b>"),
	} {
		me := ana.does(http.MethodPatch, at, nil, form)
		if got, want := fieldsOf(me), link+"; Ville <b>=Matane &lt;b&gt;"; got != want {
			t.Errorf("%s: fields are %s, want %s", name, got, want)
		}
		if got, want := fieldsOf(me["source"].(thing)), "Site=https://atelier.example/?a=1&b=2; Ville <b>=Matane <b>"; got != want {
			t.Errorf("%s: typed were %s, want %s", name, got, want)
		}
		ana.does(http.MethodPatch, at, url.Values{"fields_attributes[0][name]": {""}, "fields_attributes[0][value]": {""}})
		if got := fieldsOf(ana.does(http.MethodGet, "/api/v1/accounts/verify_credentials", nil)); got != "" {
			t.Errorf("%s: emptied, fields are %s", name, got)
		}
	}

	me := ana.does(http.MethodPatch, at, nil, partsOf(t, map[string][]byte{"avatar": drawing(t), "header": drawing(t)}, "display_name", "Ana B.", "note", "un\ndeux",
		"locked", "true", "bot", "true", "discoverable", "1", "source[privacy]", "unlisted", "source[sensitive]", "True", "source[language]", "en",
		"source[quote_policy]", "followers", "fields_attributes[0][name]", "Ville", "fields_attributes[0][value]", "Matane"))
	source := me["source"].(thing)
	if me["display_name"] != "Ana B." || !strings.Contains(me["note"].(string), "un<br") || me["locked"] != true || me["bot"] != false || me["discoverable"] != true ||
		source["privacy"] != "unlisted" || source["sensitive"] != true || source["language"] != "en" || source["quote_policy"] != "followers" {
		t.Errorf("she is %v", me)
	}
	avatar := me["avatar"].(string)
	if !strings.Contains(avatar, "/portraits/") || !s.opens(t, avatar) || me["header"] != avatar {
		t.Errorf("her picture is %s, her header %s", avatar, me["header"])
	}
	_, _, document := s.ask(t, http.MethodGet, "/@ana", nil, func(r *http.Request) { r.Header.Set("Accept", "application/activity+json") })
	if want := `{"type":"PropertyValue","name":"Ville","value":"Matane"}`; !strings.Contains(document, want) {
		t.Errorf("other servers read %s, want %s", document, want)
	}
	if _, _, page := s.ask(t, http.MethodGet, "/@ana", nil); !strings.Contains(page, "<dt><bdi>Ville</bdi></dt>") {
		t.Errorf("her page is %s", page)
	}
	p := ana.does(http.MethodGet, "/api/v1/preferences", nil)
	if p["posting:default:visibility"] != "unlisted" || p["posting:default:sensitive"] != true || p["posting:default:quote_policy"] != "followers" || p["posting:default:language"] != "en" {
		t.Errorf("she writes %v", p)
	}
	usual := ana.does(http.MethodPost, "/api/v1/statuses", url.Values{"status": {"Comme d'habitude."}})
	if usual["visibility"] != "unlisted" || usual["sensitive"] != true {
		t.Errorf("as usual it is %v, sensitive %v", usual["visibility"], usual["sensitive"])
	}
	loud := ana.does(http.MethodPost, "/api/v1/statuses", url.Values{"status": {"Tous."}, "visibility": {"public"}, "sensitive": {"false"}})
	if a := loud["quote_approval"].(thing)["automatic"].([]any); loud["sensitive"] != false || len(a) != 1 || a[0] != "followers" {
		t.Errorf("said, it is sensitive %v, quoted by %v", loud["sensitive"], a)
	}

	if me := ana.does(http.MethodDelete, "/api/v1/profile/header", nil); me["avatar"] != avatar {
		t.Errorf("without a header her picture is %v", me["avatar"])
	}
	if me := ana.does(http.MethodDelete, "/api/v1/profile/avatar", nil); strings.Contains(me["avatar"].(string), "/portraits/") || s.opens(t, avatar) {
		t.Errorf("taken away, her picture is %v", me["avatar"])
	}
	if me := ana.does(http.MethodPatch, at, url.Values{"bot": {"1"}}); me["display_name"] != "Ana B." || fieldsOf(me) != "Ville=Matane" {
		t.Errorf("what is not named became %v", me)
	}
	many := url.Values{}
	for range 7 {
		many.Add("fields_attributes[][name]", "a")
		many.Add("fields_attributes[][value]", "b")
	}
	for name, wrong := range map[string]func(*http.Request){
		"seven fields":       asForm(many),
		"a field of no name": asForm(url.Values{"fields_attributes[0][name]": {""}, "fields_attributes[0][value]": {"x"}}),
		"a long field":       asForm(url.Values{"fields_attributes[0][name]": {strings.Repeat("x", 256)}, "fields_attributes[0][value]": {"x"}}),
		"no such privacy":    asForm(url.Values{"source[privacy]": {"direct"}, "display_name": {"Ana D."}}),
		"no such policy":     asForm(url.Values{"source[quote_policy]": {"friends"}}),
		"no picture":         partsOf(t, map[string][]byte{"avatar": []byte("text")}),
	} {
		if status, answer := ana.sends(http.MethodPatch, at, nil, wrong); status != 422 {
			t.Errorf("%s: %d %v", name, status, answer)
		}
	}
	if me := ana.does(http.MethodGet, "/api/v1/accounts/verify_credentials", nil); me["display_name"] == "Ana D." {
		t.Error("what is refused changes the name all the same")
	}
	if status, _ := s.phone(t, "eve", "read").sends(http.MethodPatch, at, nil, partsOf(t, map[string][]byte{"avatar": drawing(t)})); status != 403 {
		t.Errorf("who may only read: %d", status)
	}
}

func asForm(form url.Values) func(*http.Request) {
	return func(r *http.Request) {
		text := form.Encode()
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Body, r.ContentLength = rereadable{bytes.NewReader([]byte(text))}, int64(len(text))
	}
}
