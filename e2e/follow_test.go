package e2e

import "testing"

func TestFollow(t *testing.T) {
	t.Parallel()
	here, there := newTown(t), newTown(t)
	here.member("ana")
	there.member("bob")
	makers := here.community("makers", "ana")
	followers := func() float64 { return here.do("community", "show", "makers")["followers"].(float64) }
	before := followers() // the animator follows what she animates

	t.Run("a community elsewhere accepts by itself", func(t *testing.T) {
		there.follows("bob", makers)
		await(t, "makers has one more follower", func() bool {
			return followers() == before+1
		})
	})

	t.Run("asking again changes nothing", func(t *testing.T) {
		there.follows("bob", makers)
		if got, want := followers(), before+1; got != want {
			t.Errorf("followers = %v, want %v", got, want)
		}
	})

	t.Run("and lets go", func(t *testing.T) {
		there.do("unfollow", makers, "--as", "bob")
		await(t, "makers has one follower less", func() bool {
			return followers() == before
		})
	})
}
