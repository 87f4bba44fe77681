// Package boot puts what the machines run, and the server's settings, into parameters below /<name>/.
package boot

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsssm"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"github.com/korakagazindia/provisioner/internal/machine"
)

// Boot holds the two programs as the template knows them: references to the parameters' values.
type Boot struct {
	Aws, Script string
	name        string
	parameters  []awscdk.CfnResource
}

// New makes the parameters /<name>/aws and /<name>/boot.
func New(scope constructs.Construct, id, name string) *Boot {
	aws := parameter(scope, id+"Aws", "/"+name+"/aws", machine.Aws())
	script := parameter(scope, id+"Script", "/"+name+"/boot", machine.Boot())
	return &Boot{Aws: *aws.AttrValue(), Script: *script.AttrValue(), name: name, parameters: []awscdk.CfnResource{aws, script}}
}

// Await makes a machine that fetches the programs wait for them.
func (b *Boot) Await(resource awscdk.CfnResource) {
	for _, parameter := range b.parameters {
		resource.AddResourceDependency(parameter, nil)
	}
}

// ServerSettings makes the parameter /<name>/server, from which the server takes its values: a new revision changes this
// and nothing of the server itself.
func (b *Boot) ServerSettings(scope constructs.Construct, id string, settings []machine.Setting) {
	b.parameters = append(b.parameters, parameter(scope, id, "/"+b.name+"/server", machine.Assignments(settings)))
}

// L1: hash-free logical ids, and the value's attribute without an import.
func parameter(scope constructs.Construct, id, name, value string) awsssm.CfnParameter {
	return awsssm.NewCfnParameter(scope, jsii.String(id), &awsssm.CfnParameterProps{
		Name: jsii.String(name), Type: jsii.String("String"), Value: jsii.String(value),
	})
}
