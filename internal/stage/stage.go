// Package stage names the three steps in the growth of a backend. A stage is a topology of one running system, not an
// environment: there is one stack, and it moves from stage to stage.
package stage

import "fmt"

// Stage is a step in the backend's growth.
type Stage string

const (
	// Single is one small server behind an Elastic IP.
	Single Stage = "single"
	// Vertical is the same server with a larger instance type.
	Vertical Stage = "vertical"
	// Horizontal is an Auto Scaling group behind a load balancer.
	Horizontal Stage = "horizontal"
)

// All lists the stages in the order in which a backend grows through them.
func All() []Stage { return []Stage{Single, Vertical, Horizontal} }

// Names lists what Parse takes for a stage, numbers left out.
func Names() []string {
	var names []string
	for _, s := range All() {
		names = append(names, string(s))
	}
	return names
}

// Parse takes a stage by its name, or by its number: 1, 2 or 3. Anything else is an error.
func Parse(text string) (Stage, error) {
	for i, s := range All() {
		if text == string(s) || text == fmt.Sprint(i+1) {
			return s, nil
		}
	}
	return "", fmt.Errorf("%q is not a stage: single (1), vertical (2) or horizontal (3)", text)
}
