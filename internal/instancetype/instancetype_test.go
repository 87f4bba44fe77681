package instancetype

import "testing"

func parse(t *testing.T, name string) Type {
	t.Helper()
	parsed, ok := Parse(name)
	if !ok {
		t.Fatalf("%s is no type", name)
	}
	return parsed
}

func TestParse(t *testing.T) {
	for _, name := range []string{"", "t2", "t2.", ".micro", "micro", "T2.micro", "t2.micro.x", "t2 .micro"} {
		if got, ok := Parse(name); ok {
			t.Errorf("%q is taken for %v", name, got)
		}
	}
	if got, want := parse(t, "m7i-flex.2xlarge"), (Type{"m7i-flex", "2xlarge"}); got != want {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestARM(t *testing.T) {
	for name, want := range map[string]bool{"t4g.micro": true, "c7gn.large": true, "a1.medium": true, "im4gn.large": true, "x2gd.metal": true,
		"t2.micro": false, "t3a.small": false, "g4dn.xlarge": false, "c6i.large": false, "m7i-flex.large": false, "g6.xlarge": false} {
		if got := parse(t, name).ARM(); got != want {
			t.Errorf("%s has an Arm processor: %t, want %t", name, got, want)
		}
	}
}

func TestNitro(t *testing.T) {
	for name, want := range map[string]bool{"t3.micro": true, "t4g.micro": true, "m5.large": true, "t2.micro": false, "m4.large": false} {
		if got := parse(t, name).Nitro(); got != want {
			t.Errorf("%s is built on Nitro: %t, want %t", name, got, want)
		}
	}
}

func TestSmaller(t *testing.T) {
	for _, test := range []struct {
		a, b string
		want bool
	}{
		{"t2.micro", "t2.small", true}, {"t2.small", "t2.micro", false}, {"t2.micro", "t2.micro", false},
		{"t4g.micro", "t2.small", true}, {"t2.micro", "m5.large", false}, {"t2.micro", "t2.metal", false}, {"t2.metal", "t2.micro", false},
	} {
		if got := parse(t, test.a).Smaller(parse(t, test.b)); got != test.want {
			t.Errorf("%s is smaller than %s: %t, want %t", test.a, test.b, got, test.want)
		}
	}
}

func TestVCPUs(t *testing.T) {
	for name, want := range map[string]int{"t2.micro": 1, "t2.medium": 2, "t3.nano": 2, "t4g.small": 2, "c6g.medium": 1, "m5.large": 2, "m5.xlarge": 4,
		"r5.24xlarge": 96, "c7i.large": 2, "m5.4xlarge": 16, "m5.micro": 0, "p3.2xlarge": 0, "g4dn.xlarge": 0, "c5.metal": 0, "m5.small": 0, "m5.0xlarge": 0} {
		if got, known := parse(t, name).VCPUs(); known != (want > 0) || known && got != want {
			t.Errorf("%s: %d, %t, want %d", name, got, known, want)
		}
	}
}

func TestBurst(t *testing.T) {
	for name, want := range map[string]Burst{
		"t2.micro": {1, 10, false}, "t2.xlarge": {4, 22.5, false}, "t2.2xlarge": {8, 17, false}, "t2.large": {2, 30, false},
		"t3.nano": {2, 5, true}, "t3a.xlarge": {4, 40, true}, "t4g.medium": {2, 20, true}, "t4g.2xlarge": {8, 40, true},
	} {
		if got, known := parse(t, name).Burst(); !known || got != want || !parse(t, name).Burstable() {
			t.Errorf("%s: %v, %t, want %v", name, got, known, want)
		}
	}
	for _, name := range []string{"m5.large", "trn1.2xlarge", "c6i.large", "t1.micro"} {
		if _, known := parse(t, name).Burst(); known || parse(t, name).Burstable() {
			t.Errorf("%s bursts", name)
		}
	}
	if _, known := parse(t, "t3.4xlarge").Burst(); known {
		t.Error("there is no t3.4xlarge")
	}
}

// Of what is no type nothing is known, and nothing goes wrong.
func TestNoType(t *testing.T) {
	var none Type
	_, cpus := none.VCPUs()
	_, bursts := none.Burst()
	if cpus || bursts || none.ARM() || none.Burstable() || none.Smaller(none) || none.Smaller(parse(t, "t2.micro")) {
		t.Error("something is known of no type")
	}
}
