package vocab

import (
	"encoding/csv"
	"errors"
	"os"
	"path/filepath"
	"testing"
)

// payload is a line of the corpus: a document that some server has really sent.
type payload struct {
	file, kind, verdict string
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
		p := payload{file: row[columns["file"]], kind: row[columns["kind"]], verdict: row[columns["verdict"]]}
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

// refused are payloads that the index calls readable and that must not be: a name stands twice with
// different values, or ids are pieces of the program that they were cut from.
var refused = map[string]bool{
	"akkoma-pleroma/akkoma__tesla_mock-poll_attachment.json":                                       true,
	"akkoma-pleroma/bonfire__poll_attachment.json":                                                 true,
	"akkoma-pleroma/bonfirefed__poll_attachment.json":                                              true,
	"fep-examples/fep__fep-8a8e-fep-8a8e__L470.json":                                               true,
	"go-ap/fedbox__mocks-c2s-activities-update-actor.json":                                         true,
	"gotosocial/gts__federation-federatingdb-interactionrequest_test__L143.json":                   true,
	"gotosocial/gts__federation-federatingdb-interactionrequest_test__L226.json":                   true,
	"gotosocial/gts__federation-federatingdb-interactionrequest_test__L67.json":                    true,
	"gotosocial/gts__processing-workers-fromfediapi_test__L796.json":                               true,
	"gotosocial/gts__typeutils-astointernal_test__L231.json":                                       true,
	"vernissage/vernissage__Tests-ActivityPubKitTests-ActivityDtoSerializationFixtures__L149.json": true,
	"vernissage/vernissage__Tests-ActivityPubKitTests-ActivityFlagFixtures__L46.json":              true,
	"vernissage/vernissage__Tests-ActivityPubKitTests-ActivityFlagFixtures__L51.json":              true,
}

func TestCorpus(t *testing.T) {
	t.Parallel()
	ours := map[string][]Kind{
		"activity":   {KindActivity},
		"actor":      {KindActor, KindTombstone},
		"object":     {KindObject, KindTombstone, KindUnknown, KindCollection, KindActor}, // the rest, some of it of no known type
		"collection": {KindCollection},
	}
	seen, read := 0, 0
	for _, p := range corpus(t) {
		d, _, err := readAll(p.body)
		kinds, known := ours[p.kind]
		if p.verdict == "tolerate" || !known {
			continue
		}
		if refused[p.file] {
			if err == nil {
				t.Errorf("%s is read, want a refusal", p.file)
			}
			continue
		}
		seen++
		if err != nil {
			t.Errorf("%s: %v", p.file, err)
			continue
		}
		fits := false
		for _, kind := range kinds {
			fits = fits || d.Kind == kind
		}
		if !fits {
			t.Errorf("%s: kind = %v of type %s, want one of %v", p.file, d.Kind, d.Type, kinds)
			continue
		}
		read++
	}
	t.Logf("%d of %d payloads read", read, seen)
}
