package policy

import (
	"strings"
	"testing"
)

// role is a template with a role of these statements.
func role(statements string) []byte {
	return []byte(`{"Resources": {"Role": {"Type": "AWS::IAM::Role", "Properties": {
		"Policies": [{"PolicyName": "p", "PolicyDocument": {"Version": "2012-10-17", "Statement": ` + statements + `}}]}}}}`)
}

var machine = Machine{Region: "ap-south-1", Account: "123456789012", Stack: "Shop", Name: "shop", LogGroup: "logs", Bucket: "uploads"}

func TestDecisions(t *testing.T) {
	const (
		get  = `{"Effect": "Allow", "Action": "ssm:GetParameter", "Resource": "*"}`
		deny = `{"Effect": "Deny", "Action": ["ssm:get*"], "Resource": "arn:aws:ssm:*:*:parameter/shop/secret"}`
	)
	for _, test := range []struct {
		name, statements string
		call             Call
		want             string // in the refusal, "" for allowed
	}{
		{"nothing allows", `[]`, Call{"ssm:GetParameter", []string{"*"}, nil}, "no identity-based policy allows the ssm:GetParameter action"},
		{"a call without a resource", get, Call{"ssm:GetParameter", nil, nil}, ""},
		{"is not one with any", deny, Call{"ssm:GetParameter", nil, nil}, "on resource: * because no identity-based"},
		{"allowed", get, Call{"ssm:GetParameter", []string{"arn:x"}, nil}, ""},
		{"another action", get, Call{"ssm:GetParameters", []string{"arn:x"}, nil}, "no identity-based policy"},
		{"an action has no case", get, Call{"SSM:getparameter", []string{"arn:x"}, nil}, ""},
		{"deny wins", "[" + get + "," + deny + "]", Call{"ssm:GetParameter", []string{"arn:aws:ssm:r:a:parameter/shop/secret"}, nil}, "explicit deny"},
		{"of another it does not", "[" + get + "," + deny + "]", Call{"ssm:GetParameter", []string{"arn:aws:ssm:r:a:parameter/shop/x"}, nil}, ""},
		{"each resource counts", `{"Effect": "Allow", "Action": "a:b", "Resource": ["one", "tw?"]}`, Call{"a:b", []string{"one", "two"}, nil}, ""},
		{"one is not allowed", `{"Effect": "Allow", "Action": "a:b", "Resource": ["one", "tw?"]}`, Call{"a:b", []string{"one", "tw"}, nil}, "on resource: tw because"},
		{"an ARN has case", `{"Effect": "Allow", "Action": "*", "Resource": "A"}`, Call{"a:b", []string{"a"}, nil}, "no identity-based"},
		{"a star within", `{"Effect": "Allow", "Action": "a:b*d", "Resource": "a*a*a"}`, Call{"a:bd", []string{"aaa"}, nil}, ""},
		{"and not enough", `{"Effect": "Allow", "Action": "a:b*d", "Resource": "a*a*a"}`, Call{"a:bcd", []string{"aa"}, nil}, "no identity-based"},
		{"a literal star is no pattern", `{"Effect": "Allow", "Action": "a:b", "Resource": "stack/1"}`, Call{"a:b", []string{"stack/*"}, nil}, "no identity-based"},
		{"a condition", `{"Effect": "Allow", "Action": "a:b", "Resource": "*", "Condition": {"StringEquals": {"k": ["v", "w"]}}}`,
			Call{"a:b", []string{"*"}, map[string]string{"k": "w"}}, ""},
		{"on another value", `{"Effect": "Allow", "Action": "a:b", "Resource": "*", "Condition": {"StringEquals": {"k": "v"}}}`,
			Call{"a:b", []string{"*"}, map[string]string{"k": "V"}}, "no identity-based"},
		{"on a key that is not there", `{"Effect": "Allow", "Action": "a:b", "Resource": "*", "Condition": {"StringEquals": {"k": "v"}}}`,
			Call{"a:b", []string{"*"}, nil}, "no identity-based"},
		{"references", `{"Effect": "Allow", "Action": "a:b", "Resource": [{"Fn::Sub": "${AWS::Region}/${LogGroup.Arn}"}]}`,
			Call{"a:b", []string{"ap-south-1/arn:aws:logs:ap-south-1:123456789012:log-group:logs:x"}, nil}, ""},
		{"joined", `{"Effect": "Allow", "Action": "a:b", "Resource": {"Fn::Join": ["/", [{"Fn::GetAtt": ["UploadsBucket", "Arn"]}, {"Ref": "AWS::StackName"}]]}}`,
			Call{"a:b", []string{"arn:aws:s3:::uploads/Shop"}, nil}, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			p, err := FromTemplate(role(test.statements), "Role", machine.Values())
			if err != nil {
				t.Fatal(err)
			}
			if err := p.Decide(test.call); (err == nil) != (test.want == "") || err != nil && !strings.Contains(err.Error(), test.want) {
				t.Errorf("%v, want %q", err, test.want)
			}
		})
	}
}

// What cannot be decided is an error, not a guess.
func TestWhatIsNotKnown(t *testing.T) {
	for statements, want := range map[string]string{
		`{"Effect": "Allow", "NotAction": "a:b", "Resource": "*"}`:                                                  "NotAction",
		`{"Effect": "Allow", "Action": "a:b"}`:                                                                      "without",
		`{"Effect": "Perhaps", "Action": "a:b", "Resource": "*"}`:                                                   "Perhaps",
		`{"Effect": "Allow", "Action": "a:b", "Resource": "*", "Condition": {"StringLike": {"k": "v"}}}`:            "StringLike",
		`{"Effect": "Allow", "Action": "a:b", "Resource": {"Ref": "Nobody"}}`:                                       "no value for Nobody",
		`{"Effect": "Allow", "Action": "a:b", "Resource": {"Fn::Sub": "${Nobody.Arn}"}}`:                            "no value for Nobody.Arn",
		`{"Effect": "Allow", "Action": "a:b", "Resource": {"Fn::ImportValue": "a"}}`:                                "Fn::ImportValue",
		`{"Effect": "Allow", "Action": "a:b", "Resource": {"Fn::Join": ["", [{"Fn::GetAtt": ["Nobody", "Arn"]}]]}}`: "no value for Nobody.Arn",
	} {
		if _, err := FromTemplate(role(statements), "Role", machine.Values()); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", statements, err, want)
		}
	}
	if _, err := FromTemplate(role(`[]`), "Another", nil); err == nil {
		t.Error("a role that is not there has a policy")
	}
}
