package web

import (
	"bytes"
	"cmp"
	"embed"
	"fmt"
	"html/template"
	"io/fs"
	"net/http"
	"path"
	"strconv"
	"strings"
)

//go:embed templates
var templateFiles embed.FS

// page is what the layout shows around what a page is about.
type page struct {
	Title    string // a text's key, or the title itself where Named
	Named    bool
	Hidden   bool   // search engines are asked to leave it out
	Document string // address of the same for other servers
	Feed     string // address of the same for feed readers
	Card     *card  // for strangers; nil: none
	Body     any

	// The following are filled in by render.
	Main                  template.HTML // what the page's own template makes of Body
	Site, Language, Where string
	Me                    *person
	Notice                string
	Unread                int // of what the member was told
}

// loadLooks reads the pages with the layout and the partials, once per language.
func (h *Handler) loadLooks() (map[string]*template.Template, error) {
	looks := map[string]*template.Template{}
	for _, language := range languages {
		common, err := h.common(language)
		if err != nil {
			return nil, err
		}
		if looks[language], err = common.ParseFS(templateFiles, "templates/pages/*.html"); err != nil {
			return nil, fmt.Errorf("read the pages: %w", err)
		}
	}
	return looks, nil
}

// common holds what pages share: layout, partials, and the icons as icon-<name>.
func (h *Handler) common(language string) (*template.Template, error) {
	t, err := template.New("").Funcs(h.tools(language)).ParseFS(templateFiles, "templates/*.html")
	if err != nil {
		return nil, fmt.Errorf("read the templates: %w", err)
	}
	icons, err := fs.Glob(templateFiles, "templates/icons/*.svg")
	if err != nil {
		return nil, err
	}
	for _, file := range icons {
		drawing, err := fs.ReadFile(templateFiles, file)
		if err != nil {
			return nil, err
		}
		// The word beside an icon says what it means, so the icon itself says nothing.
		svg := strings.Replace(string(drawing), "<svg", `<svg aria-hidden="true" focusable="false"`, 1)
		if _, err := t.New("icon-" + strings.TrimSuffix(path.Base(file), ".svg")).Parse(svg); err != nil {
			return nil, err
		}
	}
	return t, nil
}

// render shows a page; nothing is sent before all of it is there.
func (h *Handler) render(v *visit, status int, name string, p page) error {
	look, main := h.looks[v.language], &strings.Builder{}
	if err := look.ExecuteTemplate(main, name+".html", p.Body); err != nil {
		return fmt.Errorf("show %s: %w", name, err)
	}
	p.Main = template.HTML(main.String()) // which escaped it
	p.Site, p.Language, p.Where = h.Name, v.language, v.where()
	if v.member != nil {
		p.Me = &person{Name: v.member.Name, Title: v.member.Title, Admin: v.member.Admin, Mails: h.catches()}
		p.Card = nil
		var err error
		if p.Unread, err = h.unread(v); err != nil { // a page says more than this number
			h.Log.Warn("count what is unread", "error", err)
		}
	}
	p.Notice = v.notice()
	var b bytes.Buffer
	if err := look.ExecuteTemplate(&b, "layout", p); err != nil {
		return fmt.Errorf("show %s: %w", name, err)
	}
	head := v.w.Header()
	head.Set("Content-Type", "text/html; charset=utf-8")
	head.Set("Content-Length", strconv.Itoa(b.Len()))
	head.Set("Cache-Control", cmp.Or(head.Get("Cache-Control"), v.keep()))
	head.Add("Vary", "Accept, Accept-Language, Cookie, Authorization")
	v.w.WriteHeader(status)
	if v.r.Method == http.MethodHead {
		return nil
	}
	_, _ = v.w.Write(b.Bytes()) // fails only if who asked has gone
	return nil
}

// keep says who may keep a page: nobody that of a member, so that the browser they leave behind
// has nothing of it.
func (v *visit) keep() string {
	if v.member != nil {
		return keepPrivate
	}
	return "private, no-cache"
}

// show is render for a page that is as it should be.
func (h *Handler) show(v *visit, name string, p page) error {
	return h.render(v, http.StatusOK, name, p)
}
