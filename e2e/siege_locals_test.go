package e2e

import (
	"errors"
	"fmt"
	"os/exec"
	"sync"
)

// locals is a member of ours who writes by the command line, and what became of it.
type locals struct {
	home      *town
	community string
	tokens    chan struct{}

	mu      sync.Mutex // held while a thread is written: checks come after
	threads []*thread
	unknown int // commands of which nobody knows whether they were done
	wrong   []string
}

// thread is a post and its reply. How the post may read now: as the last command
// that succeeded made it, or one after it whose outcome is unknown.
type thread struct {
	text  string // of the first version
	iri   string // "" when its making is unknown
	reply string
	may   []string
	steps int
}

const deleted = "deleted"

// write does one command for each token.
func (l *locals) write() {
	for range l.tokens {
		l.mu.Lock()
		l.step()
		l.mu.Unlock()
	}
}

func (l *locals) step() {
	if n := len(l.threads); n == 0 || l.threads[n-1].steps == 5 || l.threads[n-1].iri == "" {
		l.threads = append(l.threads, l.begin())
		return
	}
	t := l.threads[len(l.threads)-1]
	t.steps++
	switch t.steps {
	case 2, 4:
		text := fmt.Sprintf("%s version %d.", t.text, t.steps)
		_, ok := l.command("post", "edit", t.iri, "--as", "ana", "--text", text)
		t.became(text, ok)
	case 3:
		a, _ := l.command("post", "reply", t.iri, "--as", "ana", "--text", t.text+" answered.")
		t.reply = a.text("id")
	case 5:
		if len(l.threads)%2 == 0 {
			_, ok := l.command("post", "delete", t.iri, "--as", "ana")
			t.became(deleted, ok)
		}
	}
}

func (l *locals) begin() *thread {
	t := &thread{text: fmt.Sprintf("thread %d,", len(l.threads)), steps: 1}
	text := t.text + " version 1."
	a, ok := l.command("post", "new", "--as", "ana", "--community", l.community, "--title", "Fil", "--text", text)
	t.iri = a.text("id")
	t.became(text, ok)
	return t
}

func (t *thread) became(text string, ok bool) {
	if ok {
		t.may = nil
	}
	t.may = append(t.may, text)
}

// command runs one that may fail because the database is away, and not otherwise.
func (l *locals) command(args ...string) (a answer, ok bool) {
	a, err := l.home.try(args...)
	if err == nil {
		return a, true
	}
	l.unknown++
	var exit *exec.ExitError
	if !errors.As(err, &exit) || exit.ExitCode() != 6 {
		l.wrong = append(l.wrong, fmt.Sprintf("passerelles %v: %v", args, err))
	}
	return answer{}, false
}
