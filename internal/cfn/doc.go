// Package cfn looks at a CloudFormation template as plain data: the maps, lists,
// strings, numbers, booleans and nils that encoding/json decodes it into.
package cfn
