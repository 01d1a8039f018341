package posts

// Tree finds the replies to a post, oldest first.
type Tree map[int64][]Post

// TreeOf puts the posts of a thread, oldest first, under those that they answer.
func TreeOf(all []Post) Tree {
	t := Tree{}
	for _, p := range all {
		if p.ParentID != 0 && p.ParentID != p.ID {
			t[p.ParentID] = append(t[p.ParentID], p)
		}
	}
	return t
}

// Walk visits what hangs below a post, each once, with what it answers; depth is that of the first
// replies. The tree is used up.
func (t Tree) Walk(parent Post, depth int, visit func(p, parent Post, depth int)) {
	replies := t[parent.ID]
	delete(t, parent.ID) // what is shown once is not shown again
	for _, p := range replies {
		visit(p, parent, depth)
		t.Walk(p, depth+1, visit)
	}
}
