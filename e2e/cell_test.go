package e2e

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"passerelles/storage/storagetest"
)

// cell is a group of processes that have so much memory and no more: the kernel kills
// whoever of them takes too much.
type cell struct {
	t   *testing.T
	dir string
}

// newCell makes one, by whichever of the kernel's two ways this machine has.
func newCell(t *testing.T, bytes int) *cell {
	t.Helper()
	for _, way := range []struct{ root, memory, swap string }{
		{"/sys/fs/cgroup/memory", "memory.limit_in_bytes", ""}, // swap is what memsw allows beyond it
		{"/sys/fs/cgroup", "memory.max", "memory.swap.max"},
	} {
		dir, err := os.MkdirTemp(way.root, "passerelles-")
		if err != nil {
			continue
		}
		c := &cell{t: t, dir: dir}
		t.Cleanup(c.end)
		if err := c.write(way.memory, strconv.Itoa(bytes)); err != nil {
			continue
		}
		if way.swap != "" {
			must(t, c.write(way.swap, "0"))
		} else if err := c.write("memory.memsw.limit_in_bytes", strconv.Itoa(bytes)); err != nil {
			t.Logf("swap is not counted: %v", err) // as where there is none
		}
		return c
	}
	storagetest.GiveUp(t, errors.New("no group of processes can be made whose memory is bounded"))
	return nil
}

func (c *cell) write(file, text string) error {
	return os.WriteFile(filepath.Join(c.dir, file), []byte(text), 0)
}

// holds takes a process in.
func (c *cell) holds(p *process) {
	c.t.Helper()
	must(c.t, c.write("cgroup.procs", fmt.Sprint(p.cmd.Process.Pid)))
}

func (c *cell) end() {
	await(c.t, "nobody is in the cell", func() bool {
		left, err := os.ReadFile(filepath.Join(c.dir, "cgroup.procs"))
		return err == nil && strings.TrimSpace(string(left)) == ""
	})
	if err := os.Remove(c.dir); err != nil {
		c.t.Error(err)
	}
}
