// Prints, for each type in a list, what a change of each property does, as JSON with one line a type.
const { readFileSync } = require('node:fs');
const { loadAwsServiceSpecSync } = require('@aws-cdk/aws-service-spec');

const [version, list] = process.argv.slice(2);
const types = readFileSync(list, 'utf8').split('\n').filter((line) => line && !line.startsWith('#'));
const db = loadAwsServiceSpecSync();
const lines = types.map((type) => {
  const resource = db.lookup('resource', 'cloudFormationType', 'equals', type).only();
  const facts = { update: [], mayReplace: [], replace: [] };
  for (const [name, property] of Object.entries(resource.properties)) {
    facts[{ yes: 'replace', maybe: 'mayReplace' }[property.causesReplacement] ?? 'update'].push(name);
  }
  for (const names of Object.values(facts)) names.sort();
  return `  ${JSON.stringify(type)}: ${JSON.stringify(facts)}`;
});
const source = JSON.stringify('npm @aws-cdk/aws-service-spec');
console.log(`{\n "source": ${source},\n "version": ${JSON.stringify(version)},\n "types": {\n${lines.join(',\n')}\n }\n}`);
