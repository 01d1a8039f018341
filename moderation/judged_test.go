package moderation_test

import (
	"strings"
	"testing"

	"passerelles/communities"
	"passerelles/fault"
	"passerelles/moderation"
)

// TestAnAdministratorReadsNoReportAboutThemselves: not in the queue of the server either, which
// shows what was said.
func TestAnAdministratorReadsNoReportAboutThemselves(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	w.reports(moderation.Complaint{By: w.bob, Person: w.ana, Words: "abuse de ses droits"})
	mine := w.reports(moderation.Complaint{By: w.bob, Person: w.leo, Words: "crie"})
	queue, err := w.Queue(t.Context(), moderation.Judge{ID: w.ana, Admin: true}, 0)
	w.check(err)
	if len(queue) != 1 || queue[0].ID != mine.ID {
		t.Errorf("ana, who administers, reads %+v", queue)
	}
	all, err := w.Queue(t.Context(), moderation.Judge{Admin: true, Line: true}, 0)
	w.check(err)
	if len(all) != 2 {
		t.Errorf("the command line reads %+v", all)
	}
}

func TestAnAnswerToAnAppealIsBounded(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	r := w.rules(w.says(w.bob, "mild"), communities.Remove)
	w.check(w.Appeal(t.Context(), w.bob, r.ID, "pourquoi?"))
	if err := w.AnswerAppeal(t.Context(), w.leo, r.ID, true, strings.Repeat("é", 5001)); !fault.Is(err, fault.TooLarge) {
		t.Errorf("a long answer: %v", err)
	}
	if a, err := w.AppealOf(t.Context(), r.ID); err != nil || a.AnsweredAt != nil {
		t.Errorf("it was answered: %+v, %v", a, err)
	}
	w.check(w.AnswerAppeal(t.Context(), w.leo, r.ID, true, strings.Repeat("é", 5000)))
}
