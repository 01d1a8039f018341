package config

import "testing"

func TestRedisIsOpen(t *testing.T) {
	t.Parallel()
	for address, want := range map[string]bool{
		"":                                                 false, // a private one
		"redis://localhost:6379/0":                         false,
		"redis://127.0.0.1:6379/0":                         false,
		"redis://[::1]:6379":                               false,
		"redis-socket:///run/redis.sock?db=1":              false,
		"redis://:secret@10.0.0.1:6379/0":                  false,
		"rediss://me:secret@redis.example:6380":            false,
		"redis://10.0.0.1:6379/0":                          true,
		"redis://redis:6379":                               true,
		"redis://0.0.0.0:6379":                             true,
		"rediss://redis.example:6380":                      true,
		"redis://me@redis.example":                         true,
		"redis-cluster://10.0.0.1:6379?addr=10.0.0.2:6379": true,
	} {
		if got := (Config{RedisURL: address}).RedisIsOpen(); got != want {
			t.Errorf("%q: %t, want %t", address, got, want)
		}
	}
}
