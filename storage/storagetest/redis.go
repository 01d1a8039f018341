package storagetest

import (
	"context"
	"net/url"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/hibiken/asynq"
	"github.com/redis/go-redis/v9"

	"passerelles/embedded"
)

// ownRedis is this process's server, which ends with it: no other process's
// tests see what is done there.
var ownRedis = sync.OnceValues(func() (string, error) {
	ctx, cancel := context.WithTimeout(context.Background(), 15*time.Minute) // it may be installed first
	defer cancel()
	if err := ours(place()); err != nil {
		return "", err
	}
	services, err := embedded.StartRedis(ctx, place(), options())
	if err != nil {
		return "", err
	}
	return services.RedisURL, nil
})

var lastRedis atomic.Int64

// Redis gives the address, in asynq's form, of an empty Redis database that is
// this test's alone; FLUSHDB empties it.
func Redis(t testing.TB) string {
	t.Helper()
	address, err := ownRedis()
	if err != nil {
		GiveUp(t, err)
	}
	address = numbered(t, address, int(lastRedis.Add(1)%embedded.RedisDatabases))
	flush(t, t.Context(), address) // the number may have come round
	return address
}

func numbered(t testing.TB, address string, number int) string {
	t.Helper()
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	if u.Scheme == "redis" { // in memory
		u.Path = "/" + strconv.Itoa(number)
	} else {
		u.RawQuery = "db=" + strconv.Itoa(number)
	}
	return u.String()
}

func flush(t testing.TB, ctx context.Context, address string) {
	t.Helper()
	option, err := asynq.ParseRedisURI(address)
	if err != nil {
		t.Fatal(err)
	}
	client := option.MakeRedisClient().(redis.UniversalClient)
	defer client.Close()
	if err := client.FlushDB(ctx).Err(); err != nil {
		t.Fatal(err)
	}
}
