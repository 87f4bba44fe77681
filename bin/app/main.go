// Command app is the CDK app that cdk.json runs: it checks the context, then synthesizes the stage that it names.
//
// With -to DIR it synthesizes the stages named behind it, or all three, each into a folder of its own below DIR.
package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"maps"
	"os"
	"path/filepath"

	"github.com/korakagazindia/provisioner/internal/cdk"
	"github.com/korakagazindia/provisioner/internal/config"
	"github.com/korakagazindia/provisioner/internal/kernel"
	"github.com/korakagazindia/provisioner/internal/project"
	"github.com/korakagazindia/provisioner/internal/stage"
	"github.com/korakagazindia/provisioner/stacks"
)

func main() {
	to := flag.String("to", "", "synthesize the named stages, or all, each into a folder of its own below `DIR`")
	flag.Parse()
	stderr := os.Stderr // closing the kernel takes it away
	err := run(*to, flag.Args())
	kernel.Close()
	if err != nil {
		fmt.Fprintln(stderr, err)
		os.Exit(1)
	}
}

func run(to string, stages []string) error {
	context, err := readContext()
	if err != nil {
		return err
	}
	wanted, err := check(context, to, stages)
	if err != nil {
		return err
	}
	if !wanted[0].Validate {
		if err := kernel.Quiet(); err != nil {
			return err
		}
	}
	for _, c := range wanted {
		dir := to
		if to != "" {
			dir = filepath.Join(to, string(c.Stage))
		}
		if _, err := stacks.Synthesize(c, dir); err != nil {
			return err
		}
	}
	return nil
}

// readContext takes the context from the CDK command line, or the project's when there is none.
func readContext() (map[string]any, error) {
	if text, ok := os.LookupEnv("CDK_CONTEXT_JSON"); ok {
		context := map[string]any{}
		err := json.Unmarshal([]byte(text), &context)
		return context, err
	}
	p, err := project.Find("")
	if err != nil {
		return nil, fmt.Errorf("no context: run '%s', or this in the project: %w", cdk.Command("synth"), err)
	}
	return p.Context, nil
}

// check reads the configuration of the stage that the context names, or of each of several.
func check(context map[string]any, to string, stages []string) ([]*config.Config, error) {
	if to == "" {
		c, err := config.FromContext(context)
		return []*config.Config{c}, err
	}
	if len(stages) == 0 {
		stages = stage.Names()
	}
	var all []*config.Config
	for _, name := range stages {
		own := maps.Clone(context)
		own["stage"] = name
		c, err := config.FromContext(own)
		if err != nil {
			return nil, err
		}
		all = append(all, c)
	}
	return all, nil
}
