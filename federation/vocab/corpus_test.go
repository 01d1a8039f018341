package vocab

import (
	"encoding/csv"
	"errors"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// payload is a line of the corpus: a document that some server has really sent.
type payload struct {
	file, kind, verdict string
	quirks              []string // what is odd in it
	body                []byte
}

// corpus reads the payloads beside the project, or skips: they are under other projects' licences.
func corpus(t testing.TB) []payload {
	t.Helper()
	dir := os.Getenv("CORPUS")
	if dir == "" {
		dir = filepath.Join("..", "..", "..", "shared", "corpus")
	}
	index, err := os.Open(filepath.Join(dir, "INDEX.tsv"))
	if errors.Is(err, os.ErrNotExist) {
		t.Skipf("no corpus in %s: set CORPUS to the folder that has INDEX.tsv", dir)
	}
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = index.Close() }() // only read
	lines := csv.NewReader(index)
	lines.Comma, lines.LazyQuotes = '\t', true
	rows, err := lines.ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	columns := map[string]int{}
	for i, name := range rows[0] {
		columns[name] = i
	}
	var all []payload
	for _, row := range rows[1:] {
		p := payload{file: row[columns["file"]], kind: row[columns["kind"]], verdict: row[columns["verdict"]],
			quirks: strings.FieldsFunc(row[columns["quirks"]], func(r rune) bool { return r == ',' })}
		if p.body, err = os.ReadFile(filepath.Join(dir, p.file)); err != nil {
			t.Fatal(err)
		}
		all = append(all, p)
	}
	return all
}

// readAll looks at a document in every way, as much for the panic it must not cause as for what it says.
func readAll(body []byte) (d Document, views int, err error) {
	if d, err = Decode(body); err != nil {
		return d, 0, err
	}
	a, errActivity := d.Activity()
	_, errNote := d.Note()
	_, errActor := d.Actor()
	_, errCollection := d.Collection()
	_, errTombstone := d.Tombstone()
	_, errKeys := d.Keys()
	for _, o := range a.Objects {
		if inner, err := o.Document(); err == nil {
			_, _ = inner.Note() // for the panic only
		}
	}
	for _, err := range []error{errActivity, errNote, errActor, errCollection, errTombstone, errKeys} {
		if err == nil {
			views++
		}
	}
	if views == 0 {
		err = errors.Join(errActivity, errNote, errActor, errCollection, errTombstone, errKeys)
	}
	return d, views, err
}

// refused are payloads that the index calls readable and that must not be, and why: a name stands twice
// with different values, so that two readers would choose differently; or the id is a piece of the program
// that the document was cut from, or has its backslashes, which are no part of an IRI.
var refused = map[string]string{
	"akkoma-pleroma/akkoma__tesla_mock-poll_attachment.json":                                       `"closed" twice`,
	"akkoma-pleroma/bonfire__poll_attachment.json":                                                 `"closed" twice`,
	"akkoma-pleroma/bonfirefed__poll_attachment.json":                                              `"closed" twice`,
	"fep-examples/fep__fep-8a8e-fep-8a8e__L470.json":                                               `"startTime" twice`,
	"go-ap/fedbox__mocks-c2s-activities-update-actor.json":                                         `id "{{ .ID }}"`,
	"gotosocial/gts__federation-federatingdb-interactionrequest_test__L143.json":                   `id "` + "`",
	"gotosocial/gts__federation-federatingdb-interactionrequest_test__L226.json":                   `id "` + "`",
	"gotosocial/gts__federation-federatingdb-interactionrequest_test__L67.json":                    `id "` + "`",
	"gotosocial/gts__processing-workers-fromfediapi_test__L796.json":                               `id "` + "`",
	"gotosocial/gts__typeutils-astointernal_test__L231.json":                                       `id "` + "`",
	"vernissage/vernissage__Tests-ActivityPubKitTests-ActivityDtoSerializationFixtures__L149.json": `id "https:\\/`,
	"vernissage/vernissage__Tests-ActivityPubKitTests-ActivityFlagFixtures__L46.json":              `id "https:\\/`,
	"vernissage/vernissage__Tests-ActivityPubKitTests-ActivityFlagFixtures__L51.json":              `id "https:\\/`,
}

// kindsOf are what the payloads of each kind in the index may be here.
var kindsOf = map[string][]Kind{
	"activity":   {KindActivity},
	"actor":      {KindActor, KindTombstone},
	"object":     {KindObject, KindTombstone, KindUnknown, KindCollection, KindActor}, // the rest, some of it of no known type
	"collection": {KindCollection},
}

// TestCorpus reads every payload and compares what it says with a naive reading. Answers about names and
// servers (jrd, nodeinfo) are read by package federation, whose tests have them.
func TestCorpus(t *testing.T) {
	t.Parallel()
	classes, compared := map[string]int{}, newComparison()
	for _, p := range corpus(t) {
		d, _, err := readAll(p.body)
		kinds, ours := kindsOf[p.kind]
		switch why := refused[p.file]; {
		case p.verdict == "tolerate":
			classes["tolerated: "+p.kind]++
		case !ours:
			classes["left to package federation: "+p.kind]++
		case why != "":
			classes["refused: "+p.kind]++
			if err == nil || !strings.Contains(err.Error(), why) {
				t.Errorf("%s: %v, want a refusal for %s", p.file, err, why)
			}
		case err != nil:
			t.Errorf("%s: %v", p.file, err)
		case !slices.Contains(kinds, d.Kind):
			t.Errorf("%s: kind = %v of type %s, want one of %v", p.file, d.Kind, d.Type, kinds)
		default:
			classes[p.verdict+": "+p.kind]++
			compared.body(t, p.file, d)
		}
	}
	for _, e := range exceptions {
		if compared.excepted[e.name] == 0 {
			t.Errorf("no payload needs the exception that %s", e.name)
		}
	}
	report(t, classes, compared)
}

// report says what was read and compared, class by class.
func report(t *testing.T, classes map[string]int, c *comparison) {
	t.Helper()
	for _, class := range slices.Sorted(maps.Keys(classes)) {
		t.Logf("%4d files %s", classes[class], class)
	}
	names := map[Kind]string{
		KindUnknown: "of no known kind", KindActivity: "activities", KindObject: "objects",
		KindActor: "actors", KindCollection: "collections", KindTombstone: "tombstones",
	}
	for _, kind := range slices.Sorted(maps.Keys(c.documents)) {
		t.Logf("%4d documents compared: %s", c.documents[kind], names[kind])
	}
	t.Logf("%d fields compared, %d of them say something", c.fields, c.filled)
	for _, e := range exceptions {
		t.Logf("%4d times, %s", c.excepted[e.name], e.name)
	}
}
