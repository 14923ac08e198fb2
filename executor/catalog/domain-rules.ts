// Domains' constraints for values that come as text: type input has no plan that carries them. They are
// bound and compiled once per state of the catalog.

import { type Datum, type DomainRule, notSupported } from '#common';
import type { FunctionContext } from '#functions';
import { bindDomainRule } from '#planner';
import { compileDomainCast } from '../expression/casts.ts';
import { compileExpression, type Compile } from '../expression/compile-expression.ts';
import { type ExpressionEnvironment, noColumns } from '../expression/environment.ts';
import type { StateCatalog } from './catalog.ts';
import type { CatalogQuestion } from './catalog-access.ts';

const known = new WeakMap<StateCatalog, Map<number, DomainRule | undefined>>();

/** 23502, 23514. */
export function checkDomain(question: CatalogQuestion, typeOid: number, value: Datum): void {
  const { functions } = question.session;
  const rule = ruleOf(question, typeOid);
  if (rule === undefined) return;
  const compile: Compile = (expression) => compileExpression(expression, environment(functions));
  compileDomainCast(rule, compile, () => value)(noColumns, 0);
}

function ruleOf(question: CatalogQuestion, typeOid: number): DomainRule | undefined {
  const { catalog, session } = question;
  let byType = known.get(catalog);
  if (byType === undefined) known.set(catalog, (byType = new Map()));
  if (byType.has(typeOid)) return byType.get(typeOid);
  const rule = bindDomainRule(typeOid, {
    catalog,
    searchPath: session.searchPath,
    currentUser: session.currentUser.name,
    formatSettings: session.functions,
  });
  byType.set(typeOid, rule);
  return rule;
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
