package template

import (
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// functionBase has something of each kind that a function may rest on.
const functionBase = `{
"Parameters": {
  "Env": {"Type": "String", "Default": "dev"}, "Open": {"Type": "String"}, "Count": {"Type": "Number", "Default": 2},
  "Names": {"Type": "CommaDelimitedList", "Default": "a, b,c"}, "Nets": {"Type": "List<AWS::EC2::Subnet::Id>"},
  "Image": {"Type": "AWS::SSM::Parameter::Value<AWS::EC2::Image::Id>", "Default": "/aws/service/x"},
  "Images": {"Type": "AWS::SSM::Parameter::Value<List<String>>", "Default": "/x"},
  "Password": {"Type": "String", "Default": "x", "NoEcho": true}, "Truth": {"Type": "String", "Default": true}},
"Mappings": {"Sizes": {"dev": {"Type": "t2.micro", "Zones": ["a", "b"]}, "ap-south-1": {"Type": "t3.micro"}, "1": {"Type": "one"}}},
"Conditions": {
  "IsDev": {"Fn::Equals": [{"Ref": "Env"}, "dev"]}, "IsProd": {"Fn::Not": [{"Condition": "IsDev"}]},
  "IsOpen": {"Fn::Equals": [{"Ref": "Open"}, "x"]}, "Never": {"Fn::And": [{"Condition": "IsOpen"}, {"Condition": "IsProd"}]},
  "Secret": {"Fn::Equals": [{"Ref": "Password"}, "x"]}, "Always": {"Fn::Or": [{"Condition": "IsOpen"}, {"Condition": "IsDev"}]}, "Itself": {"Fn::Not": [{"Condition": "Itself"}]},
  "SameOpen": {"Fn::Equals": [{"Ref": "Open"}, {"Fn::Sub": "${Open}"}]}, "Two": {"Fn::Equals": [{"Ref": "Count"}, "2"]},
  "Here": {"Fn::Equals": [{"Ref": "AWS::Region"}, "ap-south-1"]}, "AnyOpen": {"Fn::Or": [{"Condition": "IsOpen"}, {"Condition": "IsProd"}]}},
"Resources": {"Net": {"Type": "AWS::EC2::Subnet"}, "Gone": {"Type": "AWS::EC2::VPC", "Condition": "IsProd"}, "R": {"Type": "T", "Properties": {"P": VALUE}}}}`

// Every function is carried out as far as the template tells, in one spelling; what is known only at deployment stays as
// the function.
func TestFunctions(t *testing.T) {
	for _, tc := range []struct{ name, value, want string }{
		{"parameter", `{"Ref": "Env"}`, `"dev"`},
		{"parameter without a default", `{"Ref": "Open"}`, `{"Ref": "Open"}`},
		{"number", `{"Ref": "Count"}`, `2`},
		{"number in text", `{"Fn::Sub": "n-${Count}"}`, `"n-2"`},
		{"list", `{"Ref": "Names"}`, `["a", "b", "c"]`},
		{"list without a default", `{"Ref": "Nets"}`, `{"Ref": "Nets"}`},
		{"parameter of Systems Manager", `{"Ref": "Image"}`, `"{{resolve:ssm:/aws/service/x}}"`},
		{"list of Systems Manager", `{"Ref": "Images"}`, `{"Ref": "Images"}`},
		{"secret", `{"Ref": "Password"}`, `{"Ref": "Password"}`},
		{"truth", `{"Ref": "Truth"}`, `true`},
		{"region", `{"Ref": "AWS::Region"}`, `"ap-south-1"`},
		{"partition and suffix", `{"Fn::Sub": "arn:${AWS::Partition}:s3.${AWS::URLSuffix}"}`, `"arn:aws:s3.amazonaws.com"`},
		{"account", `{"Ref": "AWS::AccountId"}`, `{"Ref": "AWS::AccountId"}`},
		{"nothing", `{"a": {"Ref": "AWS::NoValue"}, "b": [1, {"Ref": "AWS::NoValue"}]}`, `{"b": [1]}`},
		{"resource", `{"Fn::Sub": "${Net}"}`, `{"Ref": "Net"}`},
		{"attribute as text", `{"Fn::GetAtt": "Net.Block.Ip"}`, `{"Fn::GetAtt": ["Net", "Block.Ip"]}`},
		{"attribute as a list", `{"Fn::GetAtt": ["Net", "Block", "Ip"]}`, `{"Fn::GetAtt": ["Net", "Block.Ip"]}`},
		{"attribute in text", `{"Fn::Sub": "${Net.Block.Ip}"}`, `{"Fn::GetAtt": ["Net", "Block.Ip"]}`},
		{"attribute by a parameter", `{"Fn::GetAtt": ["Net", {"Ref": "Env"}]}`, `{"Fn::GetAtt": ["Net", "dev"]}`},
		{"join", `{"Fn::Join": ["-", ["a", {"Ref": "Env"}, {"Ref": "Count"}]]}`, `"a-dev-2"`},
		{"join with a resource", `{"Fn::Join": ["/", ["a", {"Ref": "Net"}, "b"]]}`, `{"Fn::Join": ["", ["a/", {"Ref": "Net"}, "/b"]]}`},
		{"join in join", `{"Fn::Join": [",", [{"Fn::Join": ["", ["a", {"Ref": "Net"}]]}, "b"]]}`, `{"Fn::Join": ["", ["a", {"Ref": "Net"}, ",b"]]}`},
		{"join of a list", `{"Fn::Join": [",", {"Ref": "Names"}]}`, `"a,b,c"`},
		{"join of a list that nobody knows", `{"Fn::Join": [",", {"Ref": "Nets"}]}`, `{"Fn::Join": [",", {"Ref": "Nets"}]}`},
		{"join of nothing", `{"Fn::Join": ["", []]}`, `""`},
		{"join of one", `{"Fn::Join": ["-", [{"Ref": "Net"}]]}`, `{"Ref": "Net"}`},
		{"sub as join", `{"Fn::Sub": "a/${Net}/b"}`, `{"Fn::Join": ["", ["a/", {"Ref": "Net"}, "/b"]]}`},
		{"sub without values", `{"Fn::Sub": "x"}`, `"x"`},
		{"sub with a literal", `{"Fn::Sub": "${!Env}-${Env}"}`, `"${Env}-dev"`},
		{"sub with values of its own", `{"Fn::Sub": ["${x}-${Env}-${y}", {"x": {"Ref": "Count"}, "y": {"Fn::Sub": "${Net}"}}]}`, `{"Fn::Join": ["", ["2-dev-", {"Ref": "Net"}]]}`},
		{"sub whose own value hides a parameter", `{"Fn::Sub": ["${Env}", {"Env": "mine"}]}`, `"mine"`},
		{"sub with a list", `{"Fn::Sub": ["${Names}", {}]}`, `{"Fn::Sub": "${Names}"}`},
		{"select", `{"Fn::Select": ["1", {"Ref": "Names"}]}`, `"b"`},
		{"select by a parameter", `{"Fn::Select": [{"Ref": "Count"}, {"Ref": "Names"}]}`, `"c"`},
		{"select of resources", `{"Fn::Select": [0, [{"Ref": "Net"}, "x"]]}`, `{"Ref": "Net"}`},
		{"select past the end", `{"Fn::Select": [9, ["a"]]}`, `{"Fn::Select": [9, ["a"]]}`},
		{"split", `{"Fn::Split": ["|", "a|b"]}`, `["a", "b"]`},
		{"select of a split", `{"Fn::Select": [1, {"Fn::Split": ["-", {"Fn::Sub": "x-${Env}"}]}]}`, `"dev"`},
		{"split of what nobody knows", `{"Fn::Split": [",", {"Fn::ImportValue": {"Fn::Sub": "${Env}-nets"}}]}`, `{"Fn::Split": [",", {"Fn::ImportValue": "dev-nets"}]}`},
		{"split of a dynamic reference", `{"Fn::Split": [",", "{{resolve:ssm:/x}}"]}`, `{"Fn::Split": [",", "{{resolve:ssm:/x}}"]}`},
		{"map", `{"Fn::FindInMap": ["Sizes", {"Ref": "Env"}, "Type"]}`, `"t2.micro"`},
		{"map by region", `{"Fn::FindInMap": ["Sizes", {"Ref": "AWS::Region"}, "Type"]}`, `"t3.micro"`},
		{"map of lists", `{"Fn::Select": [1, {"Fn::FindInMap": ["Sizes", "dev", "Zones"]}]}`, `"b"`},
		{"map by a number", `{"Fn::FindInMap": ["Sizes", 1, "Type"]}`, `"one"`},
		{"map's default", `{"Fn::FindInMap": ["Sizes", "no", "Type", {"DefaultValue": {"Ref": "Env"}}]}`, `"dev"`},
		{"map by what nobody knows", `{"Fn::FindInMap": ["Sizes", {"Ref": "Open"}, "Type"]}`, `{"Fn::FindInMap": ["Sizes", {"Ref": "Open"}, "Type"]}`},
		{"if", `{"Fn::If": ["IsDev", "a", "b"]}`, `"a"`},
		{"if not", `{"Fn::If": ["IsProd", "a", {"Ref": "Env"}]}`, `"dev"`},
		{"if and nothing", `[{"Fn::If": ["IsProd", "a", {"Ref": "AWS::NoValue"}]}]`, `[]`},
		{"if nobody knows", `{"Fn::If": ["IsOpen", {"Ref": "Env"}, "b"]}`, `{"Fn::If": ["IsOpen", "dev", "b"]}`},
		{"if it is all one", `{"Fn::If": ["IsOpen", "dev", {"Ref": "Env"}]}`, `"dev"`},
		{"if, or nothing, and nobody knows", `{"Fn::If": ["IsOpen", "a", {"Ref": "AWS::NoValue"}]}`, `{"Fn::If": ["IsOpen", "a", {"Ref": "AWS::NoValue"}]}`},
		{"a condition on a secret", `{"Fn::If": ["Secret", "a", "b"]}`, `"a"`},
		{"and, where one does not hold", `{"Fn::If": ["Never", "a", "b"]}`, `"b"`},
		{"or, where one holds", `{"Fn::If": ["Always", "a", "b"]}`, `"a"`},
		{"or, where nobody knows", `{"Fn::If": ["AnyOpen", "a", "b"]}`, `{"Fn::If": ["AnyOpen", "a", "b"]}`},
		{"a circle", `{"Fn::If": ["Itself", "a", "b"]}`, `{"Fn::If": ["Itself", "a", "b"]}`},
		{"no such condition", `{"Fn::If": ["Nothing", "a", "b"]}`, `{"Fn::If": ["Nothing", "a", "b"]}`},
		{"equal, though nobody knows", `{"Fn::If": ["SameOpen", "a", "b"]}`, `"a"`},
		{"a number is its text", `{"Fn::If": ["Two", "a", "b"]}`, `"a"`},
		{"a condition on the region", `{"Fn::If": ["Here", "a", "b"]}`, `"a"`},
		{"base64", `{"Fn::Base64": {"Fn::Sub": "x ${Env}"}}`, `{"Fn::Base64": "x dev"}`},
		{"zones", `{"Fn::GetAZs": ""}`, `{"Fn::GetAZs": "ap-south-1"}`},
		{"zones of the region", `{"Fn::GetAZs": {"Ref": "AWS::Region"}}`, `{"Fn::GetAZs": "ap-south-1"}`},
		{"a zone", `{"Fn::Select": ["0", {"Fn::GetAZs": ""}]}`, `{"Fn::Select": ["0", {"Fn::GetAZs": "ap-south-1"}]}`},
		{"length", `{"Fn::Length": {"Ref": "Names"}}`, `3`},
		{"length of what nobody knows", `{"Fn::Length": {"Ref": "Nets"}}`, `{"Fn::Length": {"Ref": "Nets"}}`},
		{"blocks", `{"Fn::Select": [2, {"Fn::Cidr": ["10.0.0.0/16", 3, 8]}]}`, `"10.0.2.0/24"`},
		{"small blocks", `{"Fn::Cidr": ["192.168.0.0/24", "2", "5"]}`, `["192.168.0.0/27", "192.168.0.32/27"]`},
		{"blocks of IPv6", `{"Fn::Select": [1, {"Fn::Cidr": ["2001:db8::/56", 2, 64]}]}`, `"2001:db8:0:1::/64"`},
		{"more blocks than there are", `{"Fn::Cidr": ["10.0.0.0/24", 3, 7]}`, `{"Fn::Cidr": ["10.0.0.0/24", 3, 7]}`},
		{"JSON", `{"Fn::ToJsonString": {"b": [1, {"Ref": "Env"}], "a": "<"}}`, `"{\"a\":\"<\",\"b\":[1,\"dev\"]}"`},
		{"JSON with a resource", `{"Fn::ToJsonString": {"a": {"Ref": "Net"}}}`, `{"Fn::ToJsonString": {"a": {"Ref": "Net"}}}`},
		{"import", `{"Fn::ImportValue": {"Fn::Join": ["-", [{"Ref": "Env"}, "x"]]}}`, `{"Fn::ImportValue": "dev-x"}`},
		{"a dynamic reference", `"{{resolve:ssm:/a:1}}"`, `"{{resolve:ssm:/a:1}}"`},
		{"a function that nobody knows", `{"Fn::New": {"Ref": "Env"}}`, `{"Fn::New": "dev"}`},
		{"broken", `[{"Fn::Join": "x"}, {"Fn::If": []}, {"Fn::Select": {}}, {"Fn::Sub": 1}, {"Fn::FindInMap": ["Sizes"]}, {"Ref": 1}, {"Fn::Sub": "${"}]`,
			`[{"Fn::Join": "x"}, null, {"Fn::Select": {}}, {"Fn::Sub": 1}, {"Fn::FindInMap": ["Sizes"]}, {"Ref": 1}, "${"]`},
	} {
		t.Run(tc.name, func(t *testing.T) {
			read, err := Given{Region: "ap-south-1"}.Parse([]byte(strings.Replace(functionBase, "VALUE", tc.value, 1)))
			if err != nil {
				t.Fatal(err)
			}
			got, want := plainly(t, read.Resource("R").Get("P")), any(nil)
			if err := json.Unmarshal([]byte(tc.want), &want); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(got, want); diff != "" {
				t.Errorf("(-got +want):\n%s", diff)
			}
			if read.Resource("Gone") != nil {
				t.Error("a resource is there whose condition does not hold")
			}
		})
	}
}

// plainly is a value with its unknown parts in their long form.
func plainly(t *testing.T, value any) any {
	t.Helper()
	text, err := json.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	var plain any
	if err := json.Unmarshal(text, &plain); err != nil {
		t.Fatal(err)
	}
	return plain
}

// Without a region what rests on it is not known.
func TestNoRegion(t *testing.T) {
	read := parse(t, strings.Replace(functionBase, "VALUE", `{"Fn::FindInMap": ["Sizes", {"Ref": "AWS::Region"}, "Type"]}`, 1))
	if got := read.Resource("R").Get("P"); Known(got) || !Open(got) {
		t.Errorf("got %v", got)
	}
}

// What is given takes the default's place, and must be something that the parameter takes.
func TestGiven(t *testing.T) {
	text := []byte(`{"Parameters": {"Env": {"Type": "String", "Default": "dev", "AllowedValues": ["dev", "prod"]}, "L": {"Type": "CommaDelimitedList"}},
		"Resources": {"R": {"Type": "T", "Properties": {"P": {"Ref": "Env"}, "L": {"Ref": "L"}}}}}`)
	read, err := Given{Parameters: map[string]string{"Env": "prod", "L": "a,b"}}.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(read.Resource("R").Properties, map[string]any{"P": "prod", "L": []any{"a", "b"}}); diff != "" {
		t.Errorf("(-got +want):\n%s", diff)
	}
	_, err = Given{Parameters: map[string]string{"Env": "prd"}}.Parse(text)
	if want := `parameter Env: "prd" is not allowed: it takes dev, prod; the nearest is prod`; err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
}

// Loops are written out where they stand: in sections, in properties, in one another, over a parameter's list.
func TestLoops(t *testing.T) {
	read := parse(t, `
Transform: AWS::LanguageExtensions
Parameters: {Names: {Type: CommaDelimitedList, Default: 'a,b'}, Open: {Type: CommaDelimitedList}}
Conditions:
  Fn::ForEach::C: [X, [One, Two], {'Is${X}': !Equals ['${X}', One]}]
Resources:
  First: {Type: T}
  Fn::ForEach::Outer:
    - Name
    - !Ref Names
    - Fn::ForEach::Inner:
        - Number
        - ['1.0', 2]
        - 'Part${Name}&{Number}':
            Type: T
            DependsOn: 'First'
            Properties: {Tag: !Ref Name, Text: !Sub '${Name}-${Number}', Of: !GetAtt 'Part${Name}&{Number}.Arn'}
  Fn::ForEach::Never: [Y, !Ref Open, {'N${Y}': {Type: T}}]
  Two: {Type: T, Condition: IsTwo}
  Last:
    Type: T
    Properties:
      Fn::ForEach::Keys: [K, [A, B], {'Key${K}': !Ref K}]
Outputs:
  Fn::ForEach::O: [N, !Ref Names, {'Out${N}': {Value: !Ref N}}]
`)
	var ids []string
	for _, r := range read.Resources {
		ids = append(ids, r.ID)
	}
	if diff := cmp.Diff(ids, []string{"First", "Parta10", "Parta2", "Partb10", "Partb2", "Last"}); diff != "" {
		t.Errorf("resources (-got +want):\n%s", diff)
	}
	got := plainly(t, read.Resource("Partb10").Properties)
	if diff := cmp.Diff(got, any(map[string]any{"Tag": "b", "Text": "b-1.0", "Of": map[string]any{"Fn::GetAtt": []any{"Partb10", "Arn"}}})); diff != "" {
		t.Errorf("properties (-got +want):\n%s", diff)
	}
	if diff := cmp.Diff(read.Resource("Last").Properties, map[string]any{"KeyA": "A", "KeyB": "B"}); diff != "" {
		t.Errorf("keys (-got +want):\n%s", diff)
	}
	if diff := cmp.Diff(read.Outputs, map[string]any{"Outa": map[string]any{"Value": "a"}, "Outb": map[string]any{"Value": "b"}}); diff != "" {
		t.Errorf("outputs (-got +want):\n%s", diff)
	}
	want := []Unread{{"", "Fn::ForEach::Never in Resources: what it goes over is known only when it is deployed"}}
	if diff := cmp.Diff(read.Unread, want); diff != "" {
		t.Errorf("not understood (-got +want):\n%s", diff)
	}
}

// A part that is not understood is named, and the rest is read.
func TestNotUnderstood(t *testing.T) {
	server := `"Server": {"Type": "AWS::EC2::Instance", "Properties": {"InstanceType": "t2.micro"}}`
	for _, tc := range []struct {
		name, text string
		want       []Unread
	}{
		{"a transform", `{"Transform": ["AWS::LanguageExtensions", "AWS::Serverless-2016-10-31"], "Resources": {` + server + `}}`, []Unread{{"", "the transform AWS::Serverless-2016-10-31"}}},
		{"an include", `{"Resources": {"Fn::Transform": {"Name": "AWS::Include"}, ` + server + `}}`, []Unread{{"", "the macro AWS::Include in Resources"}}},
		{"an include of mappings", `{"Mappings": {"Fn::Transform": {"Name": "AWS::Include"}}, "Resources": {` + server + `}}`, []Unread{{"", "the macro AWS::Include in Mappings"}}},
		{"an include of outputs", `{"Outputs": {"Fn::Transform": {"Name": "AWS::Include"}}, "Resources": {` + server + `}}`, []Unread{{"", "the macro AWS::Include in Outputs"}}},
		{"a macro in properties", `{"Resources": {"B": {"Type": "T", "Properties": {"Fn::Transform": {"Name": "M"}, "A": 1}}, ` + server + `}}`, []Unread{{"B", "the macro M"}}},
		{"a macro for all properties", `{"Resources": {"B": {"Type": "T", "Properties": {"Fn::Transform": {"Name": "M"}}}, ` + server + `}}`, []Unread{{"B", "the macro M"}}},
		{"a macro for a resource", `{"Resources": {"B": {"Fn::Transform": {"Name": "M"}}, ` + server + `}}`, []Unread{{"B", "the macro M"}}},
		{"a module", `{"Resources": {"B": {"Type": "A::B::C::MODULE"}, ` + server + `}}`, []Unread{{"B", "the module A::B::C::MODULE"}}},
		{"a tag of another tool", "Resources:\n  B: {Type: !Rain::Module ./x}\n  Server: {Type: AWS::EC2::Instance, Properties: {InstanceType: t2.micro}}", []Unread{{"B", "the function Fn::Rain::Module"}}},
		{"a type of another tool", `{"Resources": {"B": {"Type": {"Rain::Module": "x"}}, ` + server + `}}`, []Unread{{"B", "the type {\"Rain::Module\":\"x\"}"}}},
		{"a policy by a function", `{"Parameters": {"P": {"Type": "String"}}, "Resources": {"B": {"Type": "T", "DeletionPolicy": {"Ref": "P"}, "UpdatePolicy": {"Fn::If": ["C", {}, {"A": 1}]}}, ` + server + `}}`, nil},
	} {
		t.Run(tc.name, func(t *testing.T) {
			read := parse(t, tc.text)
			if diff := cmp.Diff(read.Unread, tc.want); diff != "" {
				t.Errorf("(-got +want):\n%s", diff)
			}
			if got := read.Resource("Server").Text("InstanceType"); got != "t2.micro" {
				t.Errorf("the rest is %q", got)
			}
		})
	}
}

// What may be added by a macro is unknown, not absent.
func TestBesideAMacro(t *testing.T) {
	r := parse(t, `{"Resources": {"B": {"Type": "T", "Properties": {"Fn::Transform": {"Name": "M"}, "A": 1}}}}`).Resource("B")
	if got := r.Get("A"); got != 1.0 {
		t.Errorf("got %v", got)
	}
	if got := r.Get("B", "C"); got == nil || Known(got) {
		t.Errorf("got %v", got)
	}
}

// Two spellings of one value are one.
func TestSame(t *testing.T) {
	base64 := &Unknown{Name: "Fn::Base64", Argument: "ab"}
	for _, tc := range []struct {
		name string
		a, b any
		want bool
	}{
		{"number and text", 10.0, "10", true},
		{"number and another spelling", 30.0, "30.0", true},
		{"truth and text", true, "true", true},
		{"two texts that look like numbers", "012", "12", false},
		{"encoded text", base64, "YWI=", true},
		{"other encoded text", base64, "YWM=", false},
		{"a map more", map[string]any{"a": 1.0}, map[string]any{}, false},
		{"nothing and nothing", nil, nil, true},
		{"nothing and text", nil, "", false},
		{"references", &Unknown{Name: "Ref", Argument: "A"}, &Unknown{Name: "Ref", Argument: "A"}, true},
		{"another reference", &Unknown{Name: "Ref", Argument: "A"}, &Unknown{Name: "Ref", Argument: "B"}, false},
		{"a reference and its text", &Unknown{Name: "Ref", Argument: "A"}, "A", false},
	} {
		if got, back := Same(tc.a, tc.b), Same(tc.b, tc.a); got != tc.want || back != tc.want {
			t.Errorf("%s: %v, %v", tc.name, got, back)
		}
	}
}

// Values that are filled in twice by one another come to an end.
func TestEvaluationEnds(t *testing.T) {
	value := `"xxxxxxxx"`
	for range 60 {
		value = fmt.Sprintf(`{"Fn::Sub": ["${a}${a}", {"a": %s}]}`, value)
	}
	loop := `{"Type": "T"}`
	for i := range 6 {
		loop = fmt.Sprintf(`{"Fn::ForEach::L%d": ["X%d", ["1","2","3","4","5","6","7","8","9","0"], {"R${X%d}": %s}]}`, i, i, i, loop)
	}
	read := parse(t, `{"Resources": {"Fn::ForEach::A": ["A", ["1", "2"], `+loop+`], "R": {"Type": "T", "Properties": {"P": `+value+`}}}}`)
	if got := read.Resource("R").Get("P"); len(Text(got)) > 2*valueLength {
		t.Errorf("%d characters", len(Text(got)))
	}
	circle := parse(t, `{"Mappings": {"M": {"a": {"b": {"Fn::FindInMap": ["M", "a", "b"]}}}}, "Resources": {"R": {"Type": "T", "Properties": {"P": {"Fn::FindInMap": ["M", "a", "b"]}}}}}`)
	if Known(circle.Resource("R").Get("P")) || len(circle.Unread) != 1 {
		t.Errorf("a mapping of itself: %v, not understood: %v", circle.Resource("R").Get("P"), circle.Unread)
	}
	many := parse(t, `{"Resources": {"Fn::ForEach::A": ["A", [`+strings.Repeat(`"1",`, 20_000)+`"2"], {"R${A}": {"Type": "T"}}]}}`)
	if len(many.Unread) != 1 {
		t.Errorf("not understood: %v", many.Unread)
	}
	large := parse(t, `{"Resources": {"Fn::ForEach::A": ["A", [`+strings.Repeat(`"1",`, 9_000)+`"2"], {"R${A}": {"Type": "T", "Properties": {"L": [`+strings.Repeat(`"x",`, 9_000)+`"x"]}}}]}}`)
	if len(large.Unread) != 1 {
		t.Errorf("not understood: %v", large.Unread)
	}
}

// The words of YAML 1.1 are truths where they are not quoted.
func TestYAMLWords(t *testing.T) {
	for text, want := range map[string]any{"yes": true, "On": true, "NO": false, "off": false, "'yes'": "yes", `"on"`: "on", "y": "y", "yEs": "yEs", "!Ref yes": nil} {
		got := parse(t, "Resources: {R: {Type: T, Properties: {P: "+text+"}}}").Resource("R").Get("P")
		if _, unknown := got.(*Unknown); got != want && !unknown {
			t.Errorf("%s: %v, want %v", text, got, want)
		}
	}
}

// No template that CloudFormation could be given makes evaluating it crash; and evaluating what was evaluated changes
// nothing.
func FuzzEvaluate(f *testing.F) {
	f.Add([]byte(strings.Replace(functionBase, "VALUE", `{"Fn::Select": [0, {"Fn::Cidr": ["::/0", 256, 128]}]}`, 1)))
	f.Add([]byte("Resources:\n  Fn::ForEach::A: [X, [a], {'R${X}': {Type: T, Properties: !Transform {Name: x}}}]\n"))
	if text, err := os.ReadFile(goldens(f)[0]); err == nil {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		read, err := Given{Region: "ap-south-1"}.Parse(text)
		if err != nil {
			return
		}
		for _, r := range read.Resources {
			e := &evaluation{given: Given{Region: "ap-south-1"}, parameters: map[string]any{}, truths: map[string]truth{}}
			if again := e.value(r.Raw); !Same(again, any(r.Raw)) && Known(r.Raw) && !strings.Contains(Text(r.Raw), "Fn::") {
				t.Errorf("%s\n%s", Text(r.Raw), Text(again))
			}
		}
	})
}

// With the same open parts in both values, what differs is known.
func TestMayDiffer(t *testing.T) {
	open := func(name string) *Unknown { return &Unknown{Name: "Ref", Argument: name} }
	join := func(parts ...any) *Unknown { return &Unknown{Name: "Fn::Join", Argument: []any{"", parts}} }
	for _, tc := range []struct {
		name string
		a, b any
		want bool
	}{
		{"text", "a", "b", false},
		{"a parameter", "a", open("P"), true},
		{"text around one parameter", join("a-", open("P")), join("b-", open("P")), false},
		{"two parameters", open("P"), open("Q"), true},
		{"a resource", "a", &Unknown{Name: "Ref", Argument: "R", Resource: "R"}, false},
		{"deep within", []any{map[string]any{"a": open("P")}}, []any{}, true},
	} {
		if got := MayDiffer(tc.a, tc.b); got != tc.want {
			t.Errorf("%s: %v", tc.name, got)
		}
	}
}
