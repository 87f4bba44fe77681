package adopt

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/korakagazindia/provisioner/internal/config"
	"github.com/korakagazindia/provisioner/internal/finding"
)

// Look is what a look at the server from within shows: internal/machine/look.py writes it.
type Look struct {
	System    string `json:"system"`
	Listening []struct {
		Port    int  `json:"port"`
		Outside bool `json:"outside"` // not to the machine itself alone
	} `json:"listening"`
	Answer   int      `json:"answer"` // of the health check, 0 for none
	Apps     []App    `json:"apps"`
	PM2Users []string `json:"pm2Users"`
	Checkout Checkout `json:"checkout"`
	Proxies  []string `json:"proxies"`
	Roots    []string `json:"roots"` // folders of which nginx serves files
	Memory   struct {
		Total    int `json:"total"` // MiB
		Free     int `json:"free"`
		Swap     int `json:"swap"`
		SwapFree int `json:"swapFree"`
	} `json:"memory"`
	DiskFreeMiB int      `json:"diskFreeMib"`
	AgentFiles  []string `json:"agentFiles"` // of a CloudWatch agent's configuration
}

// App is one of pm2's.
type App struct {
	User      string `json:"user"`
	Name      string `json:"name"`
	Status    string `json:"status"`
	Mode      string `json:"mode"` // fork_mode or cluster_mode
	Directory string `json:"directory"`
}

// Checkout is the app's folder, as git has it.
type Checkout struct {
	There          bool     `json:"there"`
	Owner          string   `json:"owner"`
	Commit         string   `json:"commit"`
	Origin         string   `json:"origin"` // without credentials
	Changed        []string `json:"changed"`
	Changes        int      `json:"changes"`
	Ecosystem      bool     `json:"ecosystem"`
	EcosystemNames []string `json:"ecosystemNames"`
	Env            []string `json:"env"` // the names in .env
}

// longestAnswer is how much of a command's output Run Command keeps (GetCommandInvocation, StandardOutputContent).
const longestAnswer = 24000

// ParseLook reads what the look's script wrote.
func ParseLook(written string) (*Look, error) {
	l := &Look{}
	if err := json.Unmarshal([]byte(written), l); err != nil {
		if len(written) >= longestAnswer {
			return nil, fmt.Errorf("the server's answer was cut at %d characters", longestAnswer)
		}
		return nil, fmt.Errorf("the server's answer is not what the look writes: %w", err)
	}
	return l, nil
}

// LookKinds are what can stand against a first revision on the server, and what to know before it.
func LookKinds() []finding.Kind { return slices.Concat(lookStops, lookWarnings) }

var lookStops = kindsOf(finding.Stop, [][3]string{
	{"not-healthy", "the app does not answer its health check with 200", "correct port and healthCheckPath in cdk.json, or start the app"},
	{"not-there", "appDirectory is not on the server, or is no git checkout", "correct appDirectory in cdk.json"},
	{"no-ecosystem", "the checkout has no ecosystem.config.js, by which pm2 starts the app", "write one, and commit it"},
	{"changed-files", "files of the checkout differ from its commit: a revision would lose that", "commit them, or take them back"},
	{"no-origin", "the checkout has no origin to fetch a revision from", "git remote add origin <url>"},
	{"pm2-user", "the app does not run in the pm2 of appUser alone", "run it there, and only there"},
	{"pm2-names", "pm2 runs other names than ecosystem.config.js has: a revision would start a second app beside the first",
		"let both have the same names, and nothing else in that pm2"},
	{"nginx-root", "nginx serves files out of the checkout, which a revision makes readable to its owner alone", "let nginx serve a folder outside of it"},
})

var lookWarnings = kindsOf(finding.Warn, [][3]string{
	{"fork-mode", "a reload of an app in fork mode stops it first: 1 to 3 seconds without it", "exec_mode: 'cluster' in ecosystem.config.js"},
	{"agent-files", "a CloudWatch agent is configured by hand: the stack's association writes over it", "keep a copy of what it watches"},
	{"memory", "the trial of a revision runs beside the app, and memory and swap are short", "the revision adds 1 GiB of swap where there is none"},
	{"disk", "less than 1 GiB of the disk is free", "make room first"},
})

// LookAt says what a look shows: what cdk.json is to say of the app, and what stands against a first revision.
func LookAt(l *Look, c *config.Config, context map[string]any) *Decision {
	d := &deciding{Decision: &Decision{}, config: c, context: context}
	s := &looking{d, l}
	s.serves()
	s.checkout()
	s.pm2()
	s.room()
	s.propose()
	d.conflicts()
	finding.Sort(d.Findings)
	d.Next = s.next()
	return d.Decision
}

// looking collects what a look shows.
type looking struct {
	*deciding
	look *Look
}

func (s *looking) serves() {
	l, c := s.look, s.config
	if l.Answer != 200 {
		var ports []string
		for _, one := range l.Listening {
			ports = append(ports, strconv.Itoa(one.Port))
		}
		said := "does not answer"
		if l.Answer > 0 {
			said = fmt.Sprintf("answers %d", l.Answer)
		}
		s.find("not-healthy", fmt.Sprintf("%d%s", c.Port, c.HealthCheckPath), said+"; there is a listener at "+strings.Join(ports, ", "))
	}
	for _, root := range l.Roots {
		if path := strings.Trim(root, `"' `); strings.HasPrefix(path+"/", c.AppDirectory+"/") {
			s.find("nginx-root", path, "it is in "+c.AppDirectory)
		}
	}
}

func (s *looking) checkout() {
	k, directory := s.look.Checkout, s.config.AppDirectory
	if !k.There || k.Commit == "" {
		s.find("not-there", directory, "there is no checkout; pm2 runs apps in "+strings.Join(s.directories(), ", "))
		return
	}
	if !k.Ecosystem {
		s.find("no-ecosystem", directory, "it has none")
	}
	if k.Origin == "" {
		s.find("no-origin", directory, "git remote get-url origin says nothing")
	}
	if k.Changes > 0 {
		s.find("changed-files", directory, fmt.Sprintf("%d differ: %s", k.Changes, strings.Join(k.Changed, ", ")))
	}
}

// directories are where pm2's apps run.
func (s *looking) directories() []string {
	var all []string
	for _, app := range s.look.Apps {
		all = append(all, app.Directory)
	}
	slices.Sort(all)
	return slices.Compact(all)
}

func (s *looking) pm2() {
	user := s.config.AppUser
	var names []string
	for _, app := range s.look.Apps {
		if app.User == user {
			names = append(names, app.Name)
		}
		if app.User == user && app.Mode != "cluster_mode" {
			s.find("fork-mode", app.Name, "pm2 runs it in "+app.Mode)
		}
	}
	if users := s.look.PM2Users; !slices.Equal(users, []string{user}) {
		s.find("pm2-user", user, "pm2 runs for "+cmp.Or(strings.Join(users, ", "), "nobody"))
		return
	}
	slices.Sort(names)
	declared := slices.Sorted(slices.Values(s.look.Checkout.EcosystemNames))
	if s.look.Checkout.Ecosystem && !slices.Equal(slices.Compact(names), slices.Compact(declared)) {
		s.find("pm2-names", user, "pm2 runs "+strings.Join(names, ", ")+", and ecosystem.config.js has "+strings.Join(declared, ", "))
	}
}

// A trial of the app takes about as much as the app: less than this free, with swap, is too little.
const (
	shortOfMemoryMiB = 200
	shortOfDiskMiB   = 1024
)

func (s *looking) room() {
	l := s.look
	if free := l.Memory.Free + l.Memory.SwapFree; free < shortOfMemoryMiB {
		s.find("memory", "memory", fmt.Sprintf("%d MiB of memory and %d MiB of swap are free", l.Memory.Free, l.Memory.SwapFree))
	}
	if l.DiskFreeMiB < shortOfDiskMiB {
		s.find("disk", "/", fmt.Sprintf("%d MiB are free", l.DiskFreeMiB))
	}
	if len(l.AgentFiles) > 0 {
		s.find("agent-files", l.AgentFiles[0], fmt.Sprintf("%d files", len(l.AgentFiles)))
	}
}

// propose says what cdk.json is to say of the app: where it is and who runs it, where there is one that answers, and the commit
// that runs.
func (s *looking) propose() {
	l, c := s.look, s.config
	if len(l.Apps) == 1 && l.Apps[0].Directory != "" && !l.Checkout.There {
		s.key("appDirectory", l.Apps[0].Directory, c.AppDirectory, "where pm2 runs "+l.Apps[0].Name)
	}
	if len(l.PM2Users) == 1 {
		s.key("appUser", l.PM2Users[0], c.AppUser, "whose pm2 runs")
	}
	s.ports()
	if len(s.Stops()) == 0 && c.GitRef == "" {
		s.key("gitRef", l.Checkout.Commit, c.GitRef, "the commit that runs: the first revision proves the way with it")
	}
}

// web are the ports of a proxy; known are others that are no app's: SSH, mail, names, a database, a cache, caddy's own.
var web, known = []int{80, 443}, []int{22, 25, 53, 80, 443, 2019, 3306, 5432, 6379}

// ports proposes those that a proxy listens on, and the app's, where it is at another than cdk.json says and there is but one it
// can be.
func (s *looking) ports() {
	var served, apps []int
	for _, one := range s.look.Listening {
		switch {
		case slices.Contains(web, one.Port) && one.Outside:
			served = append(served, one.Port)
		case !slices.Contains(known, one.Port):
			apps = append(apps, one.Port)
		}
	}
	if s.context["publicPorts"] == nil {
		s.key("publicPorts", served, s.config.PublicPorts, "what a proxy listens on")
	}
	if s.look.Answer == 0 && len(apps) == 1 && s.context["port"] == nil {
		s.key("port", apps[0], s.config.Port, "the only listener that can be the app's")
	}
}

func (s *looking) next() string {
	switch {
	case len(s.Stops()) > 0:
		return "settle what stops it, then kora adopt look again: " + codes(s.Stops())
	case len(s.Writes()) > 0:
		return "kora adopt look --write, then kora diff deployed single, then cdk deploy: the first revision"
	}
	return "cdk deploy: a revision"
}
