package template

import "slices"

// DependsOn lists the resources that must stand before r: what its properties refer to and what it names in DependsOn, in
// the order of the file, each once.
func (t *Template) DependsOn(r *Resource) []string {
	wanted := map[string]bool{r.ID: true}
	var all []string
	add := func(id string) {
		if t.byID[id] != nil && !wanted[id] {
			wanted[id] = true
			all = append(all, id)
		}
	}
	for _, reference := range References(r.Properties) {
		add(reference.ID)
	}
	for _, id := range r.DependsOn {
		add(id)
	}
	t.sort(all)
	return all
}

// sort puts logical ids into the order of the file.
func (t *Template) sort(ids []string) {
	slices.SortFunc(ids, func(a, b string) int { return t.byID[a].place - t.byID[b].place })
}

// Order lists all logical ids so that each comes after what it depends on, and otherwise in the order of the file.
func (t *Template) Order() []string { return slices.Concat(t.levels()...) }

// levels groups all logical ids: each group can be made, all at once, when the groups before it stand. Where resources
// depend on each other in a circle, which CloudFormation refuses, the first of them in the file goes ahead.
func (t *Template) levels() [][]string {
	waiting, followers := map[string]int{}, map[string][]string{}
	var level []string
	for _, r := range t.Resources {
		needs := t.DependsOn(r)
		waiting[r.ID] = len(needs)
		for _, id := range needs {
			followers[id] = append(followers[id], r.ID)
		}
		if len(needs) == 0 {
			level = append(level, r.ID)
		}
	}
	var levels [][]string
	for next := 0; ; {
		for ; len(level) == 0; next++ { // done, or a circle
			if next == len(t.Resources) {
				return levels
			}
			if id := t.Resources[next].ID; waiting[id] >= 0 {
				level = []string{id}
			}
		}
		levels = append(levels, level)
		level = t.release(level, waiting, followers)
	}
}

// release takes a level out of those that wait, and gives the next one.
func (t *Template) release(level []string, waiting map[string]int, followers map[string][]string) []string {
	for _, id := range level {
		waiting[id] = -1
	}
	var next []string
	for _, id := range level {
		for _, follower := range followers[id] {
			if waiting[follower] <= 0 {
				continue
			}
			waiting[follower]--
			if waiting[follower] == 0 {
				next = append(next, follower)
			}
		}
	}
	t.sort(next)
	return next
}
