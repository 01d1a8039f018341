package web

import (
	"net/http"
	"net/url"

	"github.com/gorilla/mux"

	"passerelles/media"
)

// Routes are the pages, in the order of the site.
func (h *Handler) Routes(r *mux.Router) {
	get := func(path string, f action) {
		r.Handle(path, h.door(f)).Methods(http.MethodGet, http.MethodHead)
	}
	open := func(path string, f action) {
		r.Handle(path, h.open(f)).Methods(http.MethodGet, http.MethodHead)
	}
	post := func(path string, f action) { r.Handle(path, h.door(f)).Methods(http.MethodPost) }
	upload := func(path string, f action) { r.Handle(path, h.upload(f)).Methods(http.MethodPost) }

	get("/", h.home)
	get("/search", h.search)
	get("/tags/{tag}", h.tag)
	get("/communities", h.communities)
	get("/communities/new", h.signedIn(h.founding))
	post("/communities/new", h.signedIn(h.found))
	get("/c/{name}", h.community)
	open("/c/{name}"+feedFile, h.communityFeed)
	post("/c/{name}/join", h.signedIn(h.join))
	post("/c/{name}/leave", h.signedIn(h.quit))
	get("/c/{name}/charter", h.charter)
	post("/c/{name}/charter", h.signedIn(h.acceptCharter))
	get("/c/{name}/settings", h.signedIn(h.circleSettings))
	post("/c/{name}/settings", h.signedIn(h.changeCircle))
	get("/c/{name}/requests", h.signedIn(h.requests))
	post("/c/{name}/requests", h.signedIn(h.decide))
	get("/c/{name}/members", h.signedIn(h.members))
	post("/c/{name}/invite", h.signedIn(h.inviteMember))
	post("/c/{name}/dismiss", h.signedIn(h.dismiss))
	post("/c/{name}/hide", h.signedIn(h.hideFrom))
	get("/c/{name}/people/{id:[0-9]+}", h.signedIn(h.someone))
	post("/c/{name}/people/{id:[0-9]+}/ban", h.signedIn(h.ban))
	post("/c/{name}/people/{id:[0-9]+}/unban", h.signedIn(h.unban))
	post("/c/{name}/people/{id:[0-9]+}/notes", h.signedIn(h.addNote))
	post("/c/{name}/people/{id:[0-9]+}/notes/drop", h.signedIn(h.dropNote))
	get("/c/{name}/bans", h.signedIn(h.bans))
	get("/c/{name}/invitations", h.signedIn(h.links))
	post("/c/{name}/invitations", h.signedIn(h.makeLink))
	post("/c/{name}/invitations/end", h.signedIn(h.endLink))
	get("/i/{token}", h.openLink)
	get("/invitation", h.signedIn(h.invited))
	post("/invitation", h.signedIn(h.joinInvited))
	get("/c/{name}/themes", h.signedIn(h.themes))
	post("/c/{name}/themes", h.signedIn(h.changeThemes))
	get("/c/{name}/posting", h.signedIn(h.posting))
	post("/c/{name}/posting", h.signedIn(h.setPosting))
	post("/c/{name}/role", h.signedIn(h.setRole))
	post("/c/{name}/hand-over", h.signedIn(h.handOver))
	get("/c/{name}/manage", h.signedIn(h.managing))
	post("/c/{name}/manage", h.signedIn(h.manage))
	upload("/c/{name}/picture", h.setPicture)
	post("/c/{name}/rename", h.signedIn(h.rename))
	post("/c/{name}/archive", h.signedIn(h.archive))
	get("/c/{name}/level", h.signedIn(h.changingLevel))
	post("/c/{name}/level", h.signedIn(h.changeLevel))
	get("/c/{name}/end", h.signedIn(h.ending))
	post("/c/{name}/end", h.signedIn(h.end))
	post("/notices/end", h.signedIn(h.endNotice))
	get("/@{name}", h.profile)
	open("/@{name}"+feedFile, h.profileFeed)

	upload("/posts", h.publish)
	get("/posts/{id:[0-9]+}", h.thread)
	get("/echoes/{id:[0-9]+}", h.echo)
	upload("/posts/{id:[0-9]+}/replies", h.reply)
	get("/posts/{id:[0-9]+}/edit", h.signedIn(h.editing))
	upload("/posts/{id:[0-9]+}/edit", h.edit)
	get("/posts/{id:[0-9]+}/delete", h.signedIn(h.deleting))
	post("/posts/{id:[0-9]+}/delete", h.signedIn(h.delete))
	post("/posts/{id:[0-9]+}/like", h.signedIn(h.like))
	post("/posts/{id:[0-9]+}/unlike", h.signedIn(h.unlike))
	post("/posts/{id:[0-9]+}/vote", h.signedIn(h.vote))
	get("/posts/{id:[0-9]+}/quote", h.signedIn(h.quoting))
	get("/posts/{id:[0-9]+}/quotes", h.quotes)
	post("/posts/{id:[0-9]+}/quotes/{quote:[0-9]+}/end", h.signedIn(h.endQuote))
	get("/posts/{id:[0-9]+}/report", h.signedIn(h.complainPost))
	post("/posts/{id:[0-9]+}/report", h.signedIn(h.reportPost))
	get("/@{name}/report", h.signedIn(h.complainPerson))
	post("/@{name}/report", h.signedIn(h.reportPerson))

	get("/reports", h.signedIn(h.myReports))
	get("/reports/{id:[0-9]+}", h.signedIn(h.report))
	post("/reports/{id:[0-9]+}", h.signedIn(h.settle))
	get("/c/{name}/reports", h.signedIn(h.communityReports))

	get("/posts/{id:[0-9]+}/rule", h.signedIn(h.ruling))
	post("/posts/{id:[0-9]+}/rule", h.signedIn(h.rule))
	get("/c/{name}/rulings", h.communityRulings)
	post("/c/{name}/rulings", h.signedIn(h.showRulings))
	get("/rulings/{id:[0-9]+}", h.signedIn(h.oneRuling))
	post("/rulings/{id:[0-9]+}/appeal", h.signedIn(h.appeal))
	post("/rulings/{id:[0-9]+}/answer", h.signedIn(h.answerAppeal))

	get("/notifications", h.signedIn(h.notices))
	get("/notifications/{notice:[0-9]+}", h.signedIn(h.notice))
	post("/notifications/read", h.signedIn(h.readNotices))
	r.Handle("/unsubscribe/{end}", h.handed(h.unsubscribing)).Methods(http.MethodGet, http.MethodHead)
	r.Handle("/unsubscribe/{end}", h.handed(h.unsubscribe)).Methods(http.MethodPost)

	get("/follow", h.signedIn(h.following))
	post("/follow", h.signedIn(h.follow))
	post("/unfollow", h.signedIn(h.unfollow))
	post("/block", h.signedIn(h.shun))
	post("/unblock", h.signedIn(h.shun))
	post("/mute", h.signedIn(h.shun))
	post("/unmute", h.signedIn(h.shun))
	post("/follow/answer", h.signedIn(h.answerRequest))

	get("/admin/deliveries", h.admin(h.deliveries))
	post("/admin/deliveries/retry", h.admin(h.retryDeliveries))
	post("/admin/deliveries/drop", h.admin(h.dropDeliveries))
	post("/admin/deliveries/resume", h.admin(h.resumeDeliveries))
	post("/admin/accounts/{name}/suspend", h.admin(h.suspend))
	post("/admin/accounts/{name}/restore", h.admin(h.restore))
	get("/admin/reports", h.admin(h.serverReports))
	get("/admin/acts", h.admin(h.acts))
	get("/admin/servers", h.admin(h.servers))
	post("/admin/servers", h.admin(h.decideServer))
	post("/admin/servers/mode", h.admin(h.serversMode))
	post("/admin/servers/import", h.admin(h.importServers))
	get("/admin/servers/export.csv", h.admin(h.exportServers))

	get("/admin/communities", h.admin(h.ownerless))
	post("/admin/communities", h.admin(h.appoint))
	get("/admin/sign-ups", h.admin(h.signUps))
	post("/admin/sign-ups", h.admin(h.answerSignUp))
	post("/admin/invitations", h.admin(h.invite))
	post("/admin/invitations/end", h.admin(h.endInvitation))
	get("/admin/settings", h.admin(h.serverSettings))
	post("/admin/settings", h.admin(h.changeServer))
	get("/admin/mails", h.admin(h.mails))

	get("/sign-up", h.signingUp)
	post("/sign-up", h.signUp)
	get("/sign-up/sent", h.signUpSent)
	get("/confirm/{ticket}", h.confirming)
	post("/confirm/{ticket}", h.confirm)
	get("/reset", h.resetting)
	post("/reset", h.askReset)
	get("/reset/sent", h.resetSent)
	get("/reset/{ticket}", h.choosing)
	post("/reset/{ticket}", h.choose)

	get("/settings", h.signedIn(h.settings))
	post("/settings/profile", h.signedIn(h.saveProfile))
	get("/settings/address", h.signedIn(h.moving))
	post("/settings/address", h.signedIn(h.askMove))
	get("/address/{ticket}", h.moves)
	post("/address/{ticket}", h.move)
	upload("/settings/picture", h.setMyPicture)
	get("/settings/scheduled", h.signedIn(h.scheduled))
	post("/settings/scheduled/{id:[0-9]+}/cancel", h.signedIn(h.unschedule))
	get("/settings/sessions", h.signedIn(h.sessionList))
	post("/settings/sessions/end", h.signedIn(h.endSession))
	post("/settings/sessions/end-others", h.signedIn(h.endOthers))
	get("/settings/factor", h.signedIn(h.factor))
	post("/settings/factor/on", h.signedIn(h.turnOnFactor))
	post("/settings/factor/codes", h.signedIn(h.newRecoveries))
	post("/settings/factor/off", h.signedIn(h.turnOffFactor))
	post("/settings/passkeys", h.signedIn(h.offerPasskey))
	post("/settings/passkeys/add", h.signedIn(h.addPasskey))
	post("/settings/passkeys/end", h.signedIn(h.endPasskey))
	get("/settings/export", h.signedIn(h.exporting))
	post("/settings/export", h.signedIn(h.export))
	get("/settings/leave", h.signedIn(h.leaving))
	post("/settings/leave", h.signedIn(h.depart))
	get("/settings/shunned", h.signedIn(h.shunned))
	post("/settings/password", h.signedIn(h.changePassword))
	get("/settings/notifications", h.signedIn(h.choices))
	post("/settings/notifications", h.signedIn(h.saveChoices))

	get("/oauth/authorize", h.signedIn(h.authorizing))
	get("/oauth/authorize/", h.signedIn(h.authorizing)) // as some programs write it
	post("/oauth/authorize", h.signedIn(h.authorize))

	get("/sign-in", h.signingIn)
	post("/sign-in", h.enter)
	get("/sign-in/code", h.codeWanted)
	post("/sign-in/code", h.showCode)
	post("/sign-in/code/passkey", h.passByPasskey)
	post("/sign-in/passkey", h.enterByPasskey)
	post("/sign-out", h.leave)
	post("/language", h.chooseLanguage)
	get("/about", h.about)

	open("/sitemap.xml", h.sitemap)
	open("/robots.txt", h.robots)
	r.HandleFunc(media.Path+"{signature}/{picture}", h.picture).Methods(http.MethodGet, http.MethodHead)
	r.HandleFunc(media.PortraitPath+"{portrait}", h.portrait).Methods(http.MethodGet, http.MethodHead)
	r.HandleFunc(media.FilePath+"{attached}", h.attached).Methods(http.MethodGet, http.MethodHead)
	r.HandleFunc("/static/{file}", h.file).Methods(http.MethodGet, http.MethodHead)
	r.NotFoundHandler = http.HandlerFunc(h.NotFound)
	r.MethodNotAllowedHandler = http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		h.methodNotAllowed(w, req, allowed(r, req))
	})
}

// allowed gives the methods by which an address may be asked.
func allowed(router *mux.Router, r *http.Request) (methods []string) {
	for _, method := range []string{http.MethodGet, http.MethodHead, http.MethodPost} {
		other := r.Clone(r.Context())
		other.Method = method
		var match mux.RouteMatch
		if router.Match(other, &match) && match.MatchErr == nil {
			methods = append(methods, method)
		}
	}
	return methods
}

// pathVar is a part of the address that its route names.
func pathVar(r *http.Request, name string) string {
	text, err := url.PathUnescape(mux.Vars(r)[name])
	if err != nil {
		return "" // no page has such a name
	}
	return text
}
