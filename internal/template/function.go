package template

import (
	"encoding/base64"
	"encoding/json"
	"net/netip"
	"slices"
	"strings"
)

// call carries one function out, or gives an Unknown.
func (e *evaluation) call(name string, argument any) any {
	switch name { // those that do not look at their whole argument
	case "Fn::If":
		return e.choose(argument)
	case "Fn::Sub":
		return e.fill(argument)
	}
	argument = e.value(argument)
	if argument == (absent{}) {
		argument = nil
	}
	if value := e.carried(name, argument); value != nil {
		return value
	}
	return &Unknown{Name: name, Argument: argument}
}

// carried is what a function makes of its evaluated argument, nil where that is known only when it is deployed.
func (e *evaluation) carried(name string, argument any) any {
	switch name {
	case "Ref":
		return e.ref(argument)
	case "Fn::GetAtt":
		return e.getAtt(argument)
	case "Fn::GetAZs":
		return e.getAZs(argument)
	case "Fn::FindInMap":
		return e.findInMap(argument)
	case "Fn::Cidr":
		return cidr(argument)
	case "Fn::Join":
		return join(argument)
	case "Fn::Length":
		return length(argument)
	case "Fn::Select":
		return selected(argument)
	case "Fn::Split":
		return splitAt(argument)
	case "Fn::ToJsonString":
		return jsonText(argument)
	case "Fn::Base64", "Fn::ImportValue", "Fn::GetStackOutput": // the first is kept as the text that it holds, see encoded
	default:
		e.skip(e.at, unreadFunction(name, argument))
	}
	return nil
}

// unreadFunction is a function that is not understood, in words.
func unreadFunction(name string, argument any) string {
	if macro, ok := Get(argument, "Name").(string); ok && name == transformKey {
		return "the macro " + macro
	}
	return "the function " + name
}

func (e *evaluation) ref(argument any) any {
	name, ok := argument.(string)
	if !ok {
		return nil
	}
	region := e.given.Region
	if value, ok := e.given.Parameters[name]; ok && strings.HasPrefix(name, "AWS::") {
		return value
	}
	switch {
	case name == "AWS::NoValue":
		return absent{}
	case name == "AWS::Region" && region != "":
		return region
	case name == "AWS::Partition" && region != "":
		return partition(region)
	case name == "AWS::URLSuffix" && region != "":
		return suffix(region)
	}
	if value, ok := e.secrets[name]; ok && e.judging {
		return value
	}
	if value, ok := e.parameters[name]; ok {
		return value
	}
	return e.reference("Ref", name, name)
}

// reference is an Unknown that may be a resource's.
func (e *evaluation) reference(function string, argument any, id string) *Unknown {
	u := &Unknown{Name: function, Argument: argument}
	if _, ok := e.resources[id]; ok {
		u.Resource = id
	}
	return u
}

// partition is the part of AWS that a region is in (botocore, data/partitions.json).
func partition(region string) string {
	for prefix, name := range map[string]string{"cn-": "aws-cn", "us-gov-": "aws-us-gov"} {
		if strings.HasPrefix(region, prefix) {
			return name
		}
	}
	return "aws"
}

// suffix is where a region's addresses end (User Guide, "Pseudo parameters reference", AWS::URLSuffix).
func suffix(region string) string {
	if partition(region) == "aws-cn" {
		return "amazonaws.com.cn"
	}
	return "amazonaws.com"
}

func (e *evaluation) getAtt(argument any) any {
	var parts []string
	for _, part := range List(argument) {
		text, ok := part.(string)
		if !ok {
			return nil
		}
		parts = append(parts, text)
	}
	id, attribute, _ := strings.Cut(strings.Join(parts, "."), ".")
	return e.reference("Fn::GetAtt", []any{id, attribute}, id)
}

// getAZs: which zones an account has is its own (User Guide, "Fn::GetAZs"), of which region is not.
func (e *evaluation) getAZs(argument any) any {
	region := argument
	if u, ok := region.(*Unknown); ok && u.Argument == "AWS::Region" || region == nil || region == "" {
		region = e.given.Region
	}
	return &Unknown{Name: "Fn::GetAZs", Argument: region}
}

func (e *evaluation) findInMap(argument any) any {
	var keys []any
	for i := range 3 {
		key := Get(argument, i)
		if !single(key) || key == nil {
			return nil
		}
		keys = append(keys, Text(key))
	}
	if found := Get(e.mappings, keys...); found != nil {
		return e.mapped(found)
	}
	return Get(argument, 3, "DefaultValue")
}

// mapped is a value of a mapping: as it stands, since CloudFormation takes no functions there (User Guide, "CloudFormation
// template Mappings syntax"). What some macro may make of one is not looked into: it could lead back to itself.
func (e *evaluation) mapped(found any) any {
	var value any = found
	Walk(found, func(v any) bool {
		name, argument, function := Function(v)
		if function {
			e.skip("", "the function "+name+" in Mappings")
			value = &Unknown{Name: name, Argument: argument}
		}
		return !function
	})
	return value
}

// choose is Fn::If: one of two values, both of them where nobody knows and they differ.
func (e *evaluation) choose(argument any) any {
	name, isText := e.value(Get(argument, 0)).(string)
	holds := unsure
	if isText {
		holds = e.holds(name)
	}
	switch holds {
	case yes:
		return e.value(Get(argument, 1))
	case no:
		return e.value(Get(argument, 2))
	}
	one, other := e.value(Get(argument, 1)), e.value(Get(argument, 2))
	if one == (absent{}) && other == (absent{}) || one != (absent{}) && other != (absent{}) && Same(one, other) {
		return one
	}
	return &Unknown{Name: "Fn::If", Argument: []any{Get(argument, 0), present(one), present(other)}}
}

// present is value, or the reference that stands for none.
func present(value any) any {
	if value == (absent{}) {
		return &Unknown{Name: "Ref", Argument: "AWS::NoValue"}
	}
	return value
}

// fill is Fn::Sub: text with values in it.
func (e *evaluation) fill(argument any) any {
	text, own := substitution(argument)
	_, isText := argument.(string)
	if _, isToo := Get(argument, 0).(string); !isText && !isToo {
		return &Unknown{Name: "Fn::Sub", Argument: e.value(argument)}
	}
	values := map[string]any{}
	for name, value := range own {
		values[name] = e.value(value)
	}
	var parts []any
	rest := 0
	for _, place := range braced.FindAllStringSubmatchIndex(text, -1) {
		parts = append(parts, text[rest:place[0]])
		rest = place[1]
		name := strings.TrimSpace(text[place[2]:place[3]])
		value, mine := values[name]
		switch literal, isLiteral := strings.CutPrefix(name, "!"); {
		case isLiteral:
			value = "${" + literal + "}"
		case mine:
		case strings.Contains(name, "."):
			value = e.getAtt(name)
		default:
			value = e.ref(name)
		}
		parts = append(parts, value)
	}
	if made := concatenated(append(parts, text[rest:])); made != nil {
		return made
	}
	return &Unknown{Name: "Fn::Sub", Argument: text}
}

func join(argument any) any {
	separator, ok := Get(argument, 0).(string)
	items, isList := Get(argument, 1).([]any)
	if !ok || !isList {
		return nil
	}
	var parts []any
	for i, item := range items {
		if i > 0 {
			parts = append(parts, separator)
		}
		parts = append(parts, item)
	}
	return concatenated(parts)
}

// How long texts become, in characters and in parts: more than CloudFormation takes in a template (1 MB, User Guide,
// "Understand CloudFormation quotas"), so that none makes them grow without end.
const (
	valueLength = 1 << 20
	partsLimit  = 1 << 12
)

// concatenated is parts one behind the other: text, one part alone, or an Fn::Join with "" in which no two neighbours could
// be one. nil where a part is neither text nor Unknown, or where it is too long.
func concatenated(parts []any) any {
	var c chain
	for _, part := range parts {
		switch p := part.(type) {
		case *Unknown:
			inner, isList := Get(p.Argument, 1).([]any)
			if p.Name != "Fn::Join" || !isList || Get(p.Argument, 0) != "" {
				inner = []any{p}
			}
			for _, each := range inner {
				c.add(each)
			}
		case map[string]any, []any:
			return nil
		case nil, absent:
		default:
			c.add(Text(p))
		}
		if c.length > valueLength || len(c.parts) > partsLimit {
			return nil
		}
	}
	switch len(c.parts) {
	case 0:
		return ""
	case 1:
		return c.parts[0]
	}
	return &Unknown{Name: "Fn::Join", Argument: []any{"", c.parts}}
}

// chain is parts of text in the making, and how many characters of text are in it.
type chain struct {
	parts  []any
	length int
}

// add adds a part: text to the text before it.
func (c *chain) add(part any) {
	text, isText := part.(string)
	c.length += len(text)
	if last := len(c.parts) - 1; isText && last >= 0 {
		if before, ok := c.parts[last].(string); ok {
			c.parts[last] = before + text
			return
		}
	}
	if part != "" {
		c.parts = append(c.parts, part)
	}
}

func length(argument any) any {
	if list, ok := argument.([]any); ok {
		return float64(len(list))
	}
	return nil
}

func selected(argument any) any {
	index, isNumber := Number(Get(argument, 0))
	list, isList := Get(argument, 1).([]any)
	if !isNumber || !isList || index != float64(int(index)) {
		return nil
	}
	return Get(list, int(index))
}

func splitAt(argument any) any {
	separator, ok := Get(argument, 0).(string)
	text, isText := Get(argument, 1).(string)
	if !ok || !isText || separator == "" || Dynamic(text) {
		return nil
	}
	list := []any{}
	for part := range strings.SplitSeq(text, separator) {
		list = append(list, part)
	}
	return list
}

// cidr is Fn::Cidr: so many blocks, each of two to the power of bits addresses (User Guide, "Fn::Cidr").
func cidr(argument any) any {
	text, _ := Get(argument, 0).(string)
	block, err := netip.ParsePrefix(text)
	count, counted := Number(Get(argument, 1))
	bits, sized := Number(Get(argument, 2))
	if err != nil || !counted || !sized || count < 1 || count > 256 || bits < 1 || bits > float64(block.Addr().BitLen()) {
		return nil
	}
	length := block.Addr().BitLen() - int(bits)
	list, address := []any{}, block.Masked().Addr()
	for range int(count) {
		if !block.Contains(address) {
			return nil
		}
		list = append(list, netip.PrefixFrom(address, length).String())
		address = after(address, int(bits))
	}
	return list
}

// after is the address two to the power of bits further on.
func after(address netip.Addr, bits int) netip.Addr {
	bytes := address.AsSlice()
	for i, carry := len(bytes)-1-bits/8, 1<<(bits%8); i >= 0 && carry > 0; i-- {
		carry += int(bytes[i])
		bytes[i], carry = byte(carry), carry>>8
	}
	next, _ := netip.AddrFromSlice(bytes)
	return next
}

func jsonText(argument any) any {
	if !Known(argument) {
		return nil
	}
	text, err := json.Marshal(argument)
	if err != nil {
		return nil
	}
	return unescape.Replace(string(text))
}

// single reports whether value is neither map, list nor function.
func single(value any) bool {
	switch value.(type) {
	case map[string]any, []any, *Unknown:
		return false
	}
	return true
}

// Same reports whether two evaluated values are one, whatever their spelling: "10" is 10, "true" is true, and text in
// Fn::Base64 is what it encodes.
func Same(a, b any) bool {
	a, b = encoded(a), encoded(b)
	switch x := a.(type) {
	case map[string]any:
		y, ok := b.(map[string]any)
		if !ok || len(x) != len(y) {
			return false
		}
		for key, value := range x {
			other, there := y[key]
			if !there || !Same(value, other) {
				return false
			}
		}
		return true
	case []any:
		y, ok := b.([]any)
		return ok && slices.EqualFunc(x, y, Same)
	case *Unknown:
		y, ok := b.(*Unknown)
		return ok && x.Name == y.Name && Same(x.Argument, y.Argument)
	case nil:
		return b == nil
	}
	if b == nil || !single(b) {
		return false
	}
	return a == b || sameNumber(a, b) || Text(a) == Text(b)
}

// sameNumber reports whether a number and a number or its text are the same; two texts are compared as texts: "012" is an
// account's number, and not "12".
func sameNumber(a, b any) bool {
	_, isNumber := a.(float64)
	_, isToo := b.(float64)
	x, known := Number(a)
	y, knownToo := Number(b)
	return (isNumber || isToo) && known && knownToo && x == y
}

// encoded is value, or the text that an Fn::Base64 of known text becomes.
func encoded(value any) any {
	if u, ok := value.(*Unknown); ok && u.Name == "Fn::Base64" {
		if text, ok := u.Argument.(string); ok {
			return base64.StdEncoding.EncodeToString([]byte(text))
		}
	}
	return value
}
