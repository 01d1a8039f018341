package server

import (
	"context"
	"crypto/rand"

	"passerelles/access"
	"passerelles/accounts"
	"passerelles/communities"
	"passerelles/fault"
	"passerelles/posts"
	"passerelles/timelines"
)

// example is a community that a newcomer finds at the first start.
type example struct {
	community communities.New
	threads   []exampleThread
}

type exampleThread struct {
	starter posts.Draft
	reply   string
}

var examples = []example{
	{
		community: communities.New{
			Name: "habitation", Title: "Habitation communautaire", Language: "fr", Access: "open",
			Source: "Pour celles et ceux qui développent et font vivre des logements communautaires : montages, vie associative, bons coups.",
		},
		threads: []exampleThread{
			{posts.Draft{Kind: posts.Question, Title: "Comment impliquer les locataires dès la conception?",
				Text: "Nous commençons un projet de **24 logements**. Quelles formes de participation ont bien fonctionné chez vous, et à quel moment?"},
				"Chez nous, trois ateliers avant les plans, avec une maquette. Le plus utile : revenir montrer *ce qui a été retenu*."},
			{posts.Draft{Kind: posts.News, Title: "Un guide d’entretien préventif à partager",
				Text: "Notre comité a mis en commun ses listes de vérification saisonnières. Dites-nous ce qui manque."}, ""},
		},
	},
	{
		community: communities.New{
			Name: "economie_sociale", Title: "Économie sociale", Language: "fr", Access: "open",
			Source: "Coopératives, organismes et entreprises d’économie sociale : s’entraider, se documenter, se rencontrer.",
		},
		threads: []exampleThread{
			{posts.Draft{Kind: posts.Call, Title: "Appel à tous : modèles de plan de relève",
				Text: "Une coopérative de notre région prépare un changement à la direction. Avez-vous un modèle, un récit, un contact?"},
				"Oui : nous avons gardé un an de recouvrement. Je vous écris."},
		},
	},
}

// ensureExamples makes the example communities that were never there. Each
// step can follow a start that was cut short.
func (s *Server) ensureExamples(ctx context.Context, admin accounts.Member) error {
	for _, e := range examples {
		c, err := s.Communities.ByName(ctx, e.community.Name)
		if fault.Is(err, fault.Gone) {
			continue
		}
		if fault.Is(err, fault.NotFound) {
			e.community.Animator = admin.ID
			c, err = s.Communities.Create(ctx, e.community)
		}
		if err != nil {
			return err
		}
		if err := s.ensureThreads(ctx, admin, c, e.threads); err != nil {
			return err
		}
	}
	return nil
}

func (s *Server) ensureThreads(ctx context.Context, admin accounts.Member, c communities.Community, threads []exampleThread) error {
	there, err := s.Timelines.Community(ctx, access.Reader{ID: admin.ID}, c.Actor.ID, timelines.Page{Limit: 1})
	if err != nil || len(there) > 0 {
		return err
	}
	neighbour, err := s.ensureMember(ctx, accounts.New{
		Name: "voisine", Email: "voisine@localhost.example", Password: rand.Text(), Title: "Une voisine", Language: "fr",
	})
	if fault.Is(err, fault.Conflict) { // gone, and what they wrote with them
		return nil
	}
	if err != nil {
		return err
	}
	for _, t := range threads {
		t.starter.Community = c.Actor.ID
		p, err := s.Posts.Publish(ctx, neighbour.ID, t.starter)
		if err != nil {
			return err
		}
		if t.reply == "" {
			continue
		}
		if _, err := s.Posts.Publish(ctx, admin.ID, posts.Draft{InReplyTo: p.ID, Text: t.reply}); err != nil {
			return err
		}
	}
	return nil
}
