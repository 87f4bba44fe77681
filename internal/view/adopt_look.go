package view

import (
	"cmp"
	"fmt"
	"io"
	"strings"

	"github.com/korakagazindia/provisioner/internal/adopt"
	"github.com/korakagazindia/provisioner/internal/page"
)

// LookText writes for a person what a look at the server from within shows.
func LookText(w io.Writer, look page.Look, l *adopt.Look, d *adopt.Decision) error {
	p := &adoptPage{page.Text{Look: look}}
	p.row("system", l.System)
	var outside, inside []string
	for _, one := range l.Listening {
		if one.Outside {
			outside = append(outside, fmt.Sprint(one.Port))
		} else {
			inside = append(inside, fmt.Sprint(one.Port))
		}
	}
	p.row("ports", "open: "+cmp.Or(strings.Join(outside, ", "), "none")+"; for itself: "+cmp.Or(strings.Join(inside, ", "), "none"))
	p.row("proxy", cmp.Or(strings.Join(l.Proxies, ", "), "none"))
	for _, app := range l.Apps {
		p.row("pm2", fmt.Sprintf("%s of %s, %s, %s, in %s", app.Name, app.User, app.Status, app.Mode, app.Directory))
	}
	k := l.Checkout
	p.row("checkout", fmt.Sprintf("%s of %s, from %s", cmp.Or(k.Commit, "none"), cmp.Or(k.Owner, "nobody"), cmp.Or(k.Origin, "nowhere")))
	p.row(".env", strings.Join(k.Env, ", "))
	p.row("memory", fmt.Sprintf("%d of %d MiB free, swap %d of %d", l.Memory.Free, l.Memory.Total, l.Memory.SwapFree, l.Memory.Swap))
	p.row("disk", fmt.Sprintf("%d MiB free", l.DiskFreeMiB))
	p.keys(d.Keys)
	p.findings(d)
	p.Line("")
	p.Wrap("next: ", "      ", d.Next)
	_, err := io.WriteString(w, p.String())
	return err
}

// lookJSON is the same for programs.
type lookJSON struct {
	Look     *adopt.Look `json:"look"`
	Keys     []adoptKey  `json:"keys"`
	Findings []foundJSON `json:"findings"`
	Next     string      `json:"next"`
}

// LookJSON writes the same for programs.
func LookJSON(w io.Writer, l *adopt.Look, d *adopt.Decision) error {
	return page.JSON(w, lookJSON{l, adoptKeys(d), findingsJSON(d.Findings), d.Next})
}
