// Package text writes text that refers to resources in the fewest characters, of which a template may hold 51,200.
package text

import (
	"fmt"
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
)

// Sub returns text, in which the CDK's tokens stand for references, as one Fn::Sub. The CDK itself would write Fn::Join,
// which quotes each piece of the text for itself. What is literally ${ in text becomes ${! (CloudFormation Template
// Reference, Fn::Sub), so every ${ must have its }. An attribute alone becomes Fn::Sub as well, since Fn::GetAtt takes three
// lines where this takes one. Text without a reference, or with a Ref alone, stays as it is.
func Sub(scope constructs.Construct, text string) string {
	resolved, refers := awscdk.Stack_Of(scope).Resolve(text).(map[string]any)
	if !refers {
		return text
	}
	pieces := []any{resolved}
	if join, joined := resolved["Fn::Join"].([]any); joined {
		pieces = join[1].([]any)
	} else if resolved["Fn::GetAtt"] == nil {
		return text
	}
	var body strings.Builder
	for _, piece := range pieces {
		body.WriteString(written(piece))
	}
	return *awscdk.Fn_Sub(jsii.String(body.String()), nil)
}

// written is a piece of a Fn::Join as Fn::Sub writes it. It panics at a function that Fn::Sub has no form for.
func written(piece any) string {
	switch piece := piece.(type) {
	case string:
		return strings.ReplaceAll(piece, "${", "${!")
	case map[string]any:
		if id, ok := piece["Ref"].(string); ok {
			return "${" + id + "}"
		}
		if body, ok := piece["Fn::Sub"].(string); ok {
			return body
		}
		if attribute, ok := piece["Fn::GetAtt"].([]any); ok {
			return fmt.Sprintf("${%v.%v}", attribute...)
		}
	}
	panic(fmt.Sprintf("no form of %v for Fn::Sub", piece))
}
