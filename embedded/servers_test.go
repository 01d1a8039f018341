package embedded

import (
	"net"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// servers gives the processes that work in the folders of dir and are not the
// child of one that does: a postmaster, a Redis, in the order of their numbers.
func servers(t *testing.T, dir string) []int {
	t.Helper()
	parents := map[int]int{}
	entries, err := os.ReadDir("/proc")
	if err != nil {
		t.Fatal(err)
	}
	for _, entry := range entries {
		pid, err := strconv.Atoi(entry.Name())
		if err != nil {
			continue
		}
		if worksIn(pid, filepath.Join(dir, "postgres")) || worksIn(pid, filepath.Join(dir, "redis")) {
			parents[pid] = parentOf(pid)
		}
	}
	var found []int
	for pid, parent := range parents {
		if _, child := parents[parent]; !child {
			found = append(found, pid)
		}
	}
	slices.Sort(found)
	return found
}

func parentOf(pid int) int {
	text, err := os.ReadFile(filepath.Join("/proc", strconv.Itoa(pid), "stat"))
	if err != nil {
		return 0 // it has just ended
	}
	_, rest, _ := strings.Cut(string(text), ") ") // "12 (postgres) S 1 …"
	fields := strings.Fields(rest)
	parent, _ := strconv.Atoi(fields[1]) // the kernel writes a number
	return parent
}

func set(t *testing.T, s *Services, key, value string) {
	t.Helper()
	if got := tell(t, s, "SET "+key+" "+value); got != "+OK" {
		t.Fatalf("SET answers %q", got)
	}
}

func get(t *testing.T, s *Services, key string) string {
	t.Helper()
	_, value, _ := strings.Cut(tell(t, s, "GET "+key), "\r\n")
	return value
}

// tell sends one line to Redis and gives its answer.
func tell(t *testing.T, s *Services, line string) string {
	t.Helper()
	u, err := url.Parse(s.RedisURL)
	if err != nil {
		t.Fatal(err)
	}
	conn, err := net.Dial("unix", u.Path)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if _, err := conn.Write([]byte(line + "\r\n")); err != nil {
		t.Fatal(err)
	}
	answer := make([]byte, 4096)
	n, err := conn.Read(answer)
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(string(answer[:n]))
}
