package storage_test

import (
	"testing"

	"passerelles/storage"
	"passerelles/storage/storagetest"
)

func TestNamed(t *testing.T) {
	t.Parallel()
	db := storagetest.New(t)
	const sum = `SELECT @a::int - @b::int * @a::int + coalesce(@none::int, 0)`
	for _, c := range []struct {
		args storage.Named
		want int
	}{
		{storage.Named{"a": 10, "b": 2, "none": nil, "more": "than is asked"}, -10},
		{storage.Named{"a": 1, "b": 5, "none": 7}, 3},
		{storage.Named{"b": 5, "none": 7, "a": 1}, 3},
	} {
		var got int
		if err := db.QueryRow(t.Context(), sum, c.args).Scan(&got); err != nil || got != c.want {
			t.Errorf("%v gives %d, want %d: %v", c.args, got, c.want, err)
		}
	}
	const missing = `SELECT coalesce(@a::int, 0) + coalesce(@b::int, 0)`
	for _, args := range []storage.Named{{"a": 1}, {"a": 1, "b": 2}, {"b": 2}} {
		want := len(args) * 3 / 2
		if _, ok := args["a"]; !ok {
			want = 2
		}
		var got int
		if err := db.QueryRow(t.Context(), missing, args).Scan(&got); err != nil || got != want {
			t.Errorf("%v gives %d, want %d: %v", args, got, want, err)
		}
	}
}
