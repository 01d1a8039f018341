package inbox

import (
	"fmt"
	"testing"
)

// TestEarlyMarks has communities say much of posts that are not here.
func TestEarlyMarks(t *testing.T) {
	t.Parallel()
	g := newGarden(t)
	server := newPeer(t)
	nobodys := server.group("nobodys") // whom nobody here follows
	nobodys.doc["featured"], nobodys.doc["attributedTo"] = nobodys.IRI+"/featured", nobodys.IRI+"/moderators"
	marks := func(of *remote) int {
		return g.number(`SELECT count(*) FROM post_marks m JOIN actors a ON a.id = m.community WHERE a.iri = $1`, of.IRI)
	}
	roles := func(of *remote) int {
		return g.number(`SELECT count(*) FROM roles_elsewhere m JOIN actors a ON a.id = m.community WHERE a.iri = $1`, of.IRI)
	}
	far := func(i int) string { return fmt.Sprintf("%s/unseen/%d", server.URL, i) }
	nobodys.tells(g.town, with(nobodys.does("Add", far(1)), object{"target": nobodys.IRI + "/featured"}))
	nobodys.tells(g.town, nobodys.does("Undo", nobodys.does("Announce", far(2))))
	nobodys.tells(g.town, with(nobodys.does("Add", far(3)), object{"target": nobodys.IRI + "/moderators"}))
	nobodys.tells(g.town, with(nobodys.does("Block", far(4)), object{"target": nobodys.IRI}))
	nobodys.tells(g.town, nobodys.does("Announce", []any{nobodys.does("Like", g.anas.IRI), nobodys.does("Lock", far(5))}))
	if marks(nobodys)+roles(nobodys) != 0 {
		t.Errorf("%d marks and %d roles of a community whom nobody follows", marks(nobodys), roles(nobodys))
	}

	una := server.person("una")
	came := una.note("comes after what is said of it", object{"audience": g.group.IRI})
	g.says(g.ned.does("Lock", came["id"]))
	una.tells(g.town, una.does("Create", came))

	said := roles(g.group)
	for part := range 15 {
		var locks, blocks []any
		for i := range 90 {
			locks = append(locks, g.ned.does("Lock", far(1000+90*part+i)))
			blocks = append(blocks, with(g.ned.does("Block", far(1000+90*part+i)), object{"target": g.group.IRI}))
		}
		g.group.tells(g.town, g.group.does("Announce", locks))
		g.group.tells(g.town, g.group.does("Announce", blocks))
		if part == 0 {
			g.says(g.mia.does("Lock", g.note["id"]))
			g.says(with(g.ned.does("Block", g.anaIRI), object{"target": g.group.IRI}))
		}
	}
	if n := marks(g.group); n != 1002 {
		t.Errorf("%d marks, want a thousand of posts that are not here, and two", n)
	}
	if n := roles(g.group) - said; n > 1002 || n < 1000 {
		t.Errorf("%d are shut out, want a thousand and Ana", n)
	}
	if !g.holds(g.group, "locked", g.note["id"]) || !g.holds(g.group, "locked", came["id"]) || !g.roleHolds(g.group, "banned", g.anaIRI) || !g.roleHolds(g.group, "moderator", g.mia.IRI) {
		t.Error("what is about what is here was forgotten")
	}
	if !g.holds(g.group, "locked", far(1000+90*15-1)) || g.holds(g.group, "locked", far(1000)) {
		t.Error("not the latest are kept")
	}
}
