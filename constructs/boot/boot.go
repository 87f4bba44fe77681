// Package boot puts the programs that machines run, and the server's settings, into parameters below /<name>/.
package boot

import (
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsssm"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"github.com/korakagazindia/provisioner/constructs/text"
	"github.com/korakagazindia/provisioner/internal/machine"
)

// Boot holds the programs as the template knows them.
type Boot struct {
	// Fetched are the parameters that a server reads by their names, so that no reference makes it wait for them.
	Fetched []awscdk.CfnResource
	name    string
	values  map[string]string // of the programs' parameters, by name
}

// Props are the programs'.
type Props struct {
	// Name is the backend's, below which the parameters stand.
	Name string
}

// New makes the parameters /<name>/aws, /<name>/boot and /<name>/revision.
func New(scope constructs.Construct, id string, props *Props) *Boot {
	b := &Boot{name: props.Name, values: map[string]string{}}
	for _, program := range machine.Programs {
		p := parameter(scope, id+strings.ToUpper(program.Name[:1])+program.Name[1:], "/"+b.name+"/"+program.Name, program.Packed())
		b.values[program.Name] = *p.AttrValue()
		if program.Name != "aws" { // which user data refers to
			b.Fetched = append(b.Fetched, p)
		}
	}
	return b
}

// Packed refers to a program as it travels.
func (b *Boot) Packed(program machine.Program) string { return b.values[program.Name] }

// ServerSettings makes the parameter /<name>/server, from which the server takes its values: a new revision changes this
// and nothing of the server itself.
func (b *Boot) ServerSettings(scope constructs.Construct, id string, settings []machine.Setting) {
	b.Fetched = append(b.Fetched, parameter(scope, id, "/"+b.name+"/server", text.Sub(scope, machine.Assignments(settings))))
}

// RevisionsProps are what brings a server to each new revision.
type RevisionsProps struct {
	InstanceID string
	Region     string
	// GitRef is the revision: a commit, tag or branch.
	GitRef string
	// Wait is how long the server may take for one before the deploy fails.
	Wait time.Duration
	// Adopted is whether the server was there before the stack, without what a born one's user data brings.
	Adopted bool
}

// Revisions brings the server to each new revision: a document that runs the boot script again, and an association by the
// server's id, whose parameter is the revision. State Manager runs an association anew when its parameters change, and with
// a time to wait the stack's update succeeds or fails with that run: the resource's own handler waits on create and on
// update alike, and takes any end but success for a failure (aws-cloudformation-resource-providers-ssm,
// InitialUpdateHandler and InProgressHandler). Not verified: that the status is never still that of the run before
// (terraform-provider-aws #31175 saw that on create).
func (b *Boot) Revisions(scope constructs.Construct, id string, props *RevisionsProps) awscdk.CfnResource {
	// L1: there is no L2. NewVersion, since the default would replace the document under its association.
	command := machine.RevisionCommand(b.name, props.Region)
	if props.Adopted {
		command = text.Sub(scope, machine.AdoptedCommand(b.name, props.Region, b.Packed))
	}
	document := awsssm.NewCfnDocument(scope, jsii.String(id), &awsssm.CfnDocumentProps{
		DocumentType: jsii.String("Command"), UpdateMethod: jsii.String("NewVersion"),
		Content: map[string]any{
			"schemaVersion": "2.2",
			// The machine reads the revision where it reads all settings: nothing is pasted into a command.
			"parameters": map[string]any{"gitRef": map[string]any{"type": "String"}},
			"mainSteps": []any{map[string]any{"action": "aws:runShellScript", "name": "revision", "inputs": map[string]any{
				"runCommand":     []string{command},
				"timeoutSeconds": strconv.Itoa(int(limit(props.Wait).Seconds())),
			}}},
		},
	})
	return awsssm.NewCfnAssociation(scope, jsii.String(id+"Association"), &awsssm.CfnAssociationProps{
		Name:                         document.Ref(),
		Parameters:                   map[string]any{"gitRef": []string{props.GitRef}},
		Targets:                      []any{&awsssm.CfnAssociation_TargetProperty{Key: jsii.String("InstanceIds"), Values: jsii.Strings(props.InstanceID)}},
		WaitForSuccessTimeoutSeconds: jsii.Number(props.Wait.Seconds()),
	})
}

// limit is when the SSM agent ends a run, an hour unless it is told (amazon-ssm-agent, pluginutil.go), which may be in the middle
// of an exchange of revisions. A run waits an hour for the one before, and for health checks twice: of the trial and of the app.
func limit(wait time.Duration) time.Duration { return time.Hour + 2*wait }

// L1: hash-free logical ids, and the value's attribute without an import.
func parameter(scope constructs.Construct, id, name, value string) awsssm.CfnParameter {
	return awsssm.NewCfnParameter(scope, jsii.String(id), &awsssm.CfnParameterProps{
		Name: jsii.String(name), Type: jsii.String("String"), Value: jsii.String(value),
	})
}
