// Domains' constraints for values that come as text: type input has no plan that carries them. They are
// bound and compiled once per state of the catalog.

import { type Datum, type DomainRule, notSupported } from '#common';
import type { FunctionContext } from '#functions';
import { bindDomainRules } from '#planner';
import { compileDomainCast } from '../expression/casts.ts';
import { compileExpression, type Compile } from '../expression/compile-expression.ts';
import { type ExpressionEnvironment, noColumns } from '../expression/environment.ts';
import type { StateCatalog } from './catalog.ts';
import type { CatalogQuestion } from './catalog-access.ts';

const known = new WeakMap<StateCatalog, Map<number, readonly DomainRule[]>>();

/** 23502, 23514. */
export function checkDomain(question: CatalogQuestion, typeOid: number, value: Datum): void {
  const { functions } = question.session;
  for (const rule of rulesOf(question, typeOid)) {
    const compile: Compile = (expression) => compileExpression(expression, environment(functions));
    compileDomainCast(rule, compile, () => value)(noColumns, 0);
  }
}

function rulesOf(question: CatalogQuestion, typeOid: number): readonly DomainRule[] {
  const { catalog, session } = question;
  let byType = known.get(catalog);
  if (byType === undefined) known.set(catalog, (byType = new Map()));
  let rules = byType.get(typeOid);
  if (rules === undefined) {
    rules = bindDomainRules(typeOid, {
      catalog,
      searchPath: session.searchPath,
      currentUser: session.currentUser.name,
      formatSettings: session.functions,
    });
    byType.set(typeOid, rules);
  }
  return rules;
}

function environment(functions: FunctionContext): ExpressionEnvironment {
  return {
    parameters: [],
    slots: [],
    functions,
    caseTest: null,
    subplan: () => {
      throw notSupported('a subquery in a domain constraint');
    },
  };
}
