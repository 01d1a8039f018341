package embedded

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
)

// process is a child that ends when we do, however we end.
type process struct {
	cmd  *exec.Cmd
	done chan struct{} // closed when the child has ended
	err  error         // how, to be read after done
}

// launch starts cmd as an account, with a session of its own: a Ctrl-C meant
// for us must not reach the servers before we have drained. The kernel sends
// farewell to the child when the thread that started it ends, so that thread
// does nothing else and lasts as long as the child.
func launch(cmd *exec.Cmd, as account, farewell syscall.Signal) (*process, error) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Credential: as.credential()}
	dieWithUs(cmd.SysProcAttr, farewell)
	p := &process{cmd: cmd, done: make(chan struct{})}
	started := make(chan error, 1)
	go func() {
		runtime.LockOSThread() // not unlocked: the thread ends with the goroutine
		defer close(p.done)
		p.err = cmd.Start()
		started <- p.err
		if p.err == nil {
			p.err = cmd.Wait()
		}
	}()
	if err := <-started; err != nil {
		return nil, fmt.Errorf("start %s: %w", filepath.Base(cmd.Path), err)
	}
	return p, nil
}

// run launches cmd and waits for its end; an error shows what the command said.
func run(ctx context.Context, cmd *exec.Cmd, as account) error {
	var said strings.Builder
	cmd.Stdout, cmd.Stderr = &said, &said
	p, err := launch(cmd, as, syscall.SIGTERM)
	if err != nil {
		return err
	}
	select {
	case <-p.done:
	case <-ctx.Done():
		return errors.Join(ctx.Err(), p.end(ctx, syscall.SIGTERM))
	}
	if p.err != nil {
		return fmt.Errorf("%s: %w: %s", filepath.Base(cmd.Path), p.err, lastLines(said.String(), 5))
	}
	return nil
}

// ended says whether the child is gone.
func (p *process) ended() bool {
	select {
	case <-p.done:
		return true
	default:
		return false
	}
}

// end asks the child to end, each signal being ruder than the one before, and
// waits for it. Once ctx has ended it is killed.
func (p *process) end(ctx context.Context, polite syscall.Signal) error {
	_ = p.cmd.Process.Signal(polite) // fails only if it has ended
	select {
	case <-p.done:
		return nil
	case <-ctx.Done():
	}
	_ = p.cmd.Process.Kill() // the same
	<-p.done
	return fmt.Errorf("%s did not stop in time and was killed", filepath.Base(p.cmd.Path))
}

// alive says whether the process of a pid file runs in folder. A pid alone
// proves nothing: after a crash or in a new container another program has it.
func alive(pidFile, folder string) bool {
	text, err := os.ReadFile(pidFile)
	if err != nil {
		return false
	}
	first, _, _ := strings.Cut(string(text), "\n")
	pid, err := strconv.Atoi(strings.TrimSpace(first))
	if err != nil || pid <= 0 {
		return false
	}
	return worksIn(pid, folder)
}

func lastLines(text string, n int) string {
	lines := strings.Split(strings.TrimSpace(text), "\n")
	return strings.Join(lines[max(0, len(lines)-n):], " / ")
}
