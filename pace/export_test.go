package pace

// Len is how many are remembered.
func (p *Pace[K]) Len() int { return len(p.done) }

func (w *Window[K]) Len() int { return len(w.spans) }
