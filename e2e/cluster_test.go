package e2e

import (
	"context"
	"io"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"passerelles/e2e/programs"
)

const hashSlots = 16384

// newCluster starts a Redis Cluster of three and gives its address for the settings.
func newCluster(t *testing.T) (address string, nodes []*redis.Client) {
	t.Helper()
	path := programs.Need(t, "redis-server", "redis-server")
	var names []string
	for range 3 {
		port, bus := freePort(t), freePort(t)
		cmd := exec.Command(path, "--port", port, "--bind", "127.0.0.1", "--dir", t.TempDir(), "--save", "", "--appendonly", "no",
			"--cluster-enabled", "yes", "--cluster-port", bus, "--cluster-node-timeout", "5000")
		cmd.Stdout = io.Discard
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() {
			_ = cmd.Process.Signal(syscall.SIGTERM) // it may have ended
			_ = cmd.Wait()
		})
		node := redis.NewClient(&redis.Options{Addr: "127.0.0.1:" + port})
		t.Cleanup(func() { _ = node.Close() }) // nothing was written
		nodes, names = append(nodes, node), append(names, "127.0.0.1:"+port)
		await(t, "a node answers", func() bool { return node.Ping(t.Context()).Err() == nil })
		if len(nodes) > 1 {
			must(t, nodes[0].Do(t.Context(), "CLUSTER", "MEET", "127.0.0.1", port, bus).Err())
		}
	}
	share := hashSlots / len(nodes)
	for i, node := range nodes {
		last := (i+1)*share - 1
		if i == len(nodes)-1 {
			last = hashSlots - 1
		}
		must(t, node.ClusterAddSlotsRange(t.Context(), i*share, last).Err())
	}
	await(t, "the cluster is whole", func() bool { return whole(nodes) })
	return "redis-cluster://" + names[0] + "?addr=" + strings.Join(names[1:], "&addr="), nodes
}

// whole says whether each node sees all of them and every slot served.
func whole(nodes []*redis.Client) bool {
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	for _, node := range nodes {
		says, err := node.ClusterInfo(ctx).Result()
		if err != nil || !strings.Contains(says, "cluster_state:ok") ||
			!strings.Contains(says, "cluster_size:"+strconv.Itoa(len(nodes))) {
			return false
		}
	}
	return true
}

// used counts the nodes that hold something.
func used(t *testing.T, nodes []*redis.Client) (n int) {
	t.Helper()
	for _, node := range nodes {
		keys, err := node.DBSize(t.Context()).Result()
		must(t, err)
		if keys > 0 {
			n++
		}
	}
	return n
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
