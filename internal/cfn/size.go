// Package cfn looks at a CloudFormation template as plain data: the maps, lists, strings, numbers, booleans and nils that
// encoding/json decodes it into.
package cfn

import "unicode/utf16"

// Limit is the largest template that fits in the TemplateBody of a request to CloudFormation, rather than in an S3 object
// which the request points to.
//
// CloudFormation counts bytes (https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html). The
// CDK command line counts characters as Size does, and compares them with 50 * 1024. The two counts are the same for a
// template in ASCII.
const Limit = 51_200

// Size is the number of characters, in UTF-16 code units as a JavaScript string counts them, of the text which the CDK
// command line sends to CloudFormation for template when no bootstrap bucket is used. That text is YAML, not the JSON of the
// synthesized file. See yamlText for what template may hold.
func Size(template any) int {
	return utf16Length(Text(template))
}

// Text is that text.
func Text(template any) string { return yamlText(template) }

// utf16Length is the length of s in UTF-16 code units: two for a character beyond U+FFFF, such as an emoji, and one for any
// other.
func utf16Length(s string) int {
	n := 0
	for _, r := range s {
		n += utf16.RuneLen(r)
	}
	return n
}
