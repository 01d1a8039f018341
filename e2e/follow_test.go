package e2e

import "testing"

func TestFollow(t *testing.T) {
	t.Parallel()
	here, there := newTown(t), newTown(t)
	here.member("ana")
	there.member("bob")
	makers := here.community("makers", "ana")

	t.Run("a community elsewhere accepts by itself", func(t *testing.T) {
		there.follows("bob", makers)
		await(t, "makers has a follower", func() bool {
			return here.do("community", "show", "makers")["followers"] == 1.0
		})
	})

	t.Run("asking again changes nothing", func(t *testing.T) {
		there.follows("bob", makers)
		if got := here.do("community", "show", "makers")["followers"]; got != 1.0 {
			t.Errorf("followers = %v, want 1", got)
		}
	})

	t.Run("and lets go", func(t *testing.T) {
		there.do("unfollow", makers, "--as", "bob")
		await(t, "makers has no follower", func() bool {
			return here.do("community", "show", "makers")["followers"] == 0.0
		})
	})
}
