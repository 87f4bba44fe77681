package config

import (
	"encoding/json"
	"fmt"
	"math"
	"net/mail"
	"net/netip"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/korakagazindia/provisioner/internal/adopted"
	"github.com/korakagazindia/provisioner/internal/nearest"
	"github.com/korakagazindia/provisioner/internal/stage"
)

// kind is how the values of one key are read: into which field, and what it takes, in words that follow "it takes".
type kind struct {
	allowed string
	set     func(c *Config, value any) bool
	words   []string // what it takes, when that is a few words
	values  []string // what it takes, when that is a list of others
	// why says what is wrong with a value that has parts; nil where what it takes says enough.
	why func(value any) string
}

// instead says what would be right in place of a value that is not.
func (k kind) instead(value any) string {
	word, ok := asText(value)
	if replaced.MatchString(word) {
		return "it may not hold {{, ${ or #{Token[, in whose place AWS or the CDK would put something else"
	}
	if k.why != nil {
		return k.why(value)
	}
	if !ok || len(k.words) == 0 {
		return "it takes " + k.allowed
	}
	return fmt.Sprintf("it takes %s%s", k.allowed, nearest.Hint(word, k.words))
}

// shape is what one piece of text must look like.
type shape struct {
	allowed string
	ok      func(string) bool
}

// into reads a value with read and keeps it in a field when it is right.
func into[T any](field func(*Config) *T, allowed string, read func(any) (T, bool)) kind {
	return kind{allowed: allowed, set: func(c *Config, value any) bool {
		got, ok := read(value)
		if ok {
			*field(c) = got
		}
		return ok
	}}
}

// text takes a string of the given shape; JSON numbers are taken by their digits, so that "gitRef": 20 means "20".
func text(field func(*Config) *string, s shape) kind {
	return into(field, s.allowed, func(value any) (string, bool) {
		got, ok := asText(value)
		return got, ok && s.ok(got) && !replaced.MatchString(got)
	})
}

// replaced is what would not arrive as it was written: the CDK puts values in place of its tokens, CloudFormation of
// {{resolve:...}} and, in Fn::Sub, of ${...}; and Systems Manager refuses {{ in a parameter.
var replaced = regexp.MustCompile(`\$\{|#\{Token\[|\{\{`)

// choice takes one of a few words.
func choice[T ~string](field func(*Config) *T, choices ...T) kind {
	words := make([]string, len(choices))
	for i, c := range choices {
		words[i] = string(c)
	}
	k := into(field, "one of "+strings.Join(words, ", "), func(value any) (T, bool) {
		got, ok := asText(value)
		return T(got), ok && slices.Contains(words, got)
	})
	k.words = words
	return k
}

// stages takes a stage by name or number.
func stages(field func(*Config) *stage.Stage) kind {
	k := into(field, "single (1), vertical (2) or horizontal (3)", func(value any) (stage.Stage, bool) {
		word, _ := asText(value)
		got, err := stage.Parse(word)
		return got, err == nil
	})
	k.words = stage.Names()
	return k
}

// server takes what cdk.json holds of an adopted server.
func server(field func(*Config) **adopted.Server) kind {
	k := into(field, "an object that `kora adopt --write` makes", func(value any) (*adopted.Server, bool) {
		got, err := adopted.Parse(value)
		return got, err == nil
	})
	k.why = func(value any) string {
		_, err := adopted.Parse(value)
		return fmt.Sprintf("it takes an object that kora adopt --write makes: %v", err)
	}
	return k
}

// number takes a whole number from low to high.
func number(field func(*Config) *int, low, high int) kind {
	return into(field, fmt.Sprintf("a whole number from %d to %d", low, high), func(value any) (int, bool) {
		got, ok := asWhole(value)
		return got, ok && got >= low && got <= high
	})
}

// numberOf takes one of a few whole numbers.
func numberOf(field func(*Config) *int, numbers ...int) kind {
	k := into(field, "one of "+strings.Trim(fmt.Sprint(numbers), "[]"), func(value any) (int, bool) {
		got, ok := asWhole(value)
		return got, ok && slices.Contains(numbers, got)
	})
	k.values = strings.Fields(strings.Trim(fmt.Sprint(numbers), "[]"))
	return k
}

// flag takes true or false.
func flag(field func(*Config) *bool) kind {
	k := into(field, "true or false", func(value any) (bool, bool) {
		switch value {
		case true, "true":
			return true, true
		case false, "false":
			return false, true
		}
		return false, false
	})
	k.values = []string{"true", "false"}
	return k
}

// texts takes a list: JSON, or words separated by commas; no word twice.
func texts(field func(*Config) *[]string, s shape) kind {
	return into(field, "a list (JSON, or separated by commas) of "+s.allowed+", none twice", func(value any) ([]string, bool) {
		got, ok := asList(value)
		return got, ok && !repeats(got) && !slices.ContainsFunc(got, func(item string) bool { return !s.ok(item) })
	})
}

// repeats reports whether an item is there more than once.
func repeats(items []string) bool {
	return len(slices.Compact(slices.Sorted(slices.Values(items)))) < len(items)
}

// numbers takes a list of whole numbers from low to high, none twice.
func numbers(field func(*Config) *[]int, low, high int) kind {
	allowed := fmt.Sprintf("a list (JSON, or separated by commas) of whole numbers from %d to %d, none twice", low, high)
	return into(field, allowed, func(value any) ([]int, bool) {
		items, ok := asList(value)
		var got []int
		for _, item := range items {
			n, whole := asWhole(item)
			if !whole || n < low || n > high || slices.Contains(got, n) {
				return nil, false
			}
			got = append(got, n)
		}
		return got, ok
	})
}

func asText(value any) (string, bool) {
	switch v := value.(type) {
	case string:
		return v, true
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64), true
	}
	return "", false
}

func asWhole(value any) (int, bool) {
	switch v := value.(type) {
	case float64:
		return int(v), v == math.Trunc(v) && math.Abs(v) < 1<<31
	case string:
		n, err := strconv.Atoi(v)
		return n, err == nil && strconv.Itoa(n) == v
	}
	return 0, false
}

func asList(value any) ([]string, bool) {
	if word, ok := value.(string); ok {
		if !strings.HasPrefix(word, "[") {
			return trimmed(strings.Split(word, ",")), true
		}
		var list []any
		if json.Unmarshal([]byte(word), &list) != nil {
			return nil, false
		}
		value = list
	}
	list, ok := value.([]any)
	var items []string
	for _, element := range list {
		item, isText := asText(element)
		ok = ok && isText
		items = append(items, item)
	}
	return items, ok && len(items) > 0
}

func trimmed(items []string) []string {
	for i := range items {
		items[i] = strings.TrimSpace(items[i])
	}
	return items
}

// spell writes a value as a person gave it, on one line and no longer than a line.
func spell(value any) string {
	written, err := json.Marshal(value)
	if err != nil {
		return fmt.Sprintf("%q", fmt.Sprint(value))
	}
	if runes := []rune(string(written)); len(runes) > 120 {
		return string(runes[:117]) + "..."
	}
	return string(written)
}

// TakesRegion is what IsRegion takes.
const TakesRegion = "a region of AWS's public partition such as ap-south-1, none of China, GovCloud, the ISO regions or the European Sovereign Cloud"

// IsRegion reports whether AWS could have a region of that name.
func IsRegion(name string) bool { return regionShape.ok(name) }

func matching(pattern, allowed string) shape {
	return shape{allowed, regexp.MustCompile(pattern).MatchString}
}

// resourceID is the shape of EC2's ids: 8 hexadecimal digits, or 17 since 2016 (EC2 User Guide, "Resource IDs").
func resourceID(prefix, noun string) shape {
	return matching(`^`+prefix+`-([0-9a-f]{8}|[0-9a-f]{17})$`, noun+" such as "+prefix+"-0123456789abcdef0")
}

// files are the files that Ubuntu has in /etc or /var/log under a name that a backend might have: there a machine makes a
// folder of its name. Collected from the packages that Ubuntu's server images hold, and from those that write logs; one that is
// missing here fails the first boot.
var files = strings.Fields("bindresvport crontab crypttab environment ethertypes fstab group gshadow hostname hosts inputrc issue legal " +
	"localtime machine-id magic mailcap manpath mime modules mtab nanorc netconfig networks passwd profile protocols rmt rpc screenrc " +
	"services shadow shells subgid subuid sudoers timezone vconsole vtrgb wgetrc btmp dmesg faillog lastlog syslog wtmp")

// ascii is what comes back as it was sent: CloudFormation's GetTemplate gives ? for everything else, and so a difference for ever
// (cloudformation-coverage-roadmap #814).
var ascii = regexp.MustCompile(`^[ -~]*$`)

// reserved is what no name may begin with, since names are derived from it: internal- that of a balancer (ELBv2
// CreateLoadBalancer); aws and ssm those of parameters below /<name>/ (SSM PutParameter); aws, amazon and amzn those of documents
// (SSM CreateDocument), sthree- that of a bucket (S3 User Guide, "Bucket naming rules") and sg- those of groups (EC2
// CreateSecurityGroup), all three of which begin with the stack's name, which has no hyphens, whatever case AWS reads them in.
var reserved = regexp.MustCompile(`^(ssm|internal-|a-?w-?s|a-?m-?a-?z-?o-?n|a-?m-?z-?n|s-?t-?h-?r-?e-?e-$|s-?g-$)`)

var (
	// The longest names we derive are target groups, "<name>-targets", which may have 32 characters; load balancer and
	// target group names take letters, digits and hyphens, none at an end (ELBv2 CreateLoadBalancer, CreateTargetGroup).
	// CloudFormation wants a letter first.
	nameShape = shape{"1 to 24 lower-case letters, digits and single hyphens such as shop-api, with a letter first, no hyphen last, " +
		"not beginning with what AWS reserves (aws, ssm, amazon, amzn, internal-), and no file of Ubuntu's such as profile", func(s string) bool {
		return !slices.Contains(files, s) && !reserved.MatchString(s+"-") && regexp.MustCompile(`^[a-z][a-z0-9]*(-[a-z0-9]+)*$`).MatchString(s) && len(s) <= 24
	}}
	// The pattern is botocore's for the partition aws (data/partitions.json). ARNs and host names here are that partition's.
	regionShape       = matching(`^(af|ap|ca|eu|il|me|mx|sa|us)-[a-z]+-\d$`, TakesRegion)
	zoneShape         = matching(`^(af|ap|ca|eu|il|me|mx|sa|us)-[a-z]+-\d[a-z]$`, "availability zones such as ap-south-1a")
	instanceTypeShape = matching(`^[a-z]+\d+[a-z]*(-[a-z0-9]+)?\.[a-z0-9-]+$`, "an instance type such as t3.micro")
	addressShape      = shape{"an IPv4 address such as 13.233.176.103", func(s string) bool {
		address, err := netip.ParseAddr(s)
		return err == nil && address.Is4()
	}}
	// The whole internet is refused: Session Manager needs no open port.
	cidrShape = shape{"an IPv4 CIDR such as 203.0.113.7/32, narrower than the whole internet", func(s string) bool {
		prefix, err := netip.ParsePrefix(s)
		return err == nil && prefix.Addr().Is4() && prefix.Bits() > 0 && prefix == prefix.Masked()
	}}
	// RFC 1035: labels of 63 octets, a name of 255 with the lengths of its labels and the root's: 253 characters as written. The
	// last one has two at least (ACM RequestCertificate, DomainName's pattern).
	domainShape = shape{"a domain name such as server.example.com, in lower case and without a dot at the end", func(s string) bool {
		return regexp.MustCompile(`^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]$`).MatchString(s) && len(s) <= 253
	}}
	zoneIDShape = matching(`^Z[A-Z0-9]{1,31}$`, "a hosted zone id such as Z0123456789ABCDEFGHIJ")
	// net/mail takes what mail servers of old took, a host without a dot and UTF-8 too; 254 is RFC 5321's path without its brackets.
	emailShape = shape{"an e-mail address such as ops@example.com", func(s string) bool {
		address, err := mail.ParseAddress(s)
		return err == nil && address.Address == s && len(s) <= 254 && ascii.MatchString(s) && domainShape.ok(strings.ToLower(s[strings.LastIndex(s, "@")+1:]))
	}}
	certificateShape = matching(`^arn:aws:acm:[a-z0-9-]+:\d{12}:certificate/[A-Za-z0-9-]+$`,
		"the ARN of an ACM certificate such as arn:aws:acm:ap-south-1:123456789012:certificate/0123abcd")
	// What RFC 3986 has in a path and a query, without what curl, which asks on the machine, would take for a range: [ ] { }.
	pathShape = matching(`^/[A-Za-z0-9._~!$&'()*+,;=:@%/?-]{0,254}$`, "a path such as /healthz, which begins with / and holds what a URL may")
	// A revision is built in a folder beside it, whose name is longer.
	directoryShape = matching(`^(/[ -.0-~]+)+$`, "an absolute directory such as /srv/app, of ASCII and without a slash at the end")
	userShape      = shape{"a Linux user such as node, other than root", func(s string) bool {
		return s != "root" && regexp.MustCompile(`^[a-z_][a-z0-9_-]{0,31}$`).MatchString(s)
	}}
	// A value that begins with a hyphen would be an option of git.
	repositoryShape = matching(`^[ -,.-~][ -~]{0,254}$`, "the URL of a git repository such as https://github.com/example/app.git, of ASCII")
	refShape        = matching(`^[ -,.-~][ -~]{0,254}$`, "a commit, a tag or a branch such as v1.2.3, of ASCII")
	commandShape    = matching(`^[ -~]{1,255}$`, "a line for bash such as npm run build, of ASCII and 255 characters at most")
	// Fifteen levels at most, and 1,011 characters with the ARN before it (Systems Manager User Guide, "Parameter name constraints").
	parameterShape = shape{"the name of an SSM parameter such as /kora-backend/git, of 15 levels and 900 characters at most", func(s string) bool {
		return regexp.MustCompile(`^(/[A-Za-z0-9_.-]+){1,15}$`).MatchString(s) && len(s) <= 900
	}}
	alarmShape   = matching(`^[!-~]([ -~]{0,253}[!-~])?$`, "an alarm's name such as high-cpu, of 1 to 255 characters")
	keyPairShape = matching(`^[!-~]([ -~]{0,253}[!-~])?$`, "the name of an EC2 key pair such as shop")
	uploadsShape = matching(`^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$`, "none, create or the name of an S3 bucket such as shop-uploads")
)
