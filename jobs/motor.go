package jobs

import (
	"errors"
	"strings"

	"github.com/hibiken/asynq"
	"github.com/redis/go-redis/v9"
)

// connect gives a client of the Redis, or of the Redis Cluster, at an address.
// Nothing is asked of it yet.
func connect(address string) (redis.UniversalClient, error) {
	if scheme, rest, _ := strings.Cut(address, "-cluster://"); scheme == "redis" || scheme == "rediss" {
		nodes, err := redis.ParseClusterURL(scheme + "://" + rest)
		if err != nil {
			return nil, err
		}
		return redis.NewClusterClient(nodes), nil
	}
	one, err := asynq.ParseRedisURI(address)
	if err != nil {
		return nil, err
	}
	client, ok := one.MakeRedisClient().(redis.UniversalClient)
	if !ok {
		return nil, errors.New("its kind is unknown")
	}
	return client, nil
}
