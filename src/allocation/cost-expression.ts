/** AWS's filter tree, as Cost Explorer, budgets and the rules of cost categories write it. Exactly one member is there. */
export interface CostExpression {
  readonly And?: readonly CostExpression[] | undefined;
  readonly Or?: readonly CostExpression[] | undefined;
  readonly Not?: CostExpression | undefined;
  readonly Dimensions?: CostExpressionLeaf | undefined;
  readonly Tags?: CostExpressionLeaf | undefined;
  readonly CostCategories?: CostExpressionLeaf | undefined;
  readonly ProductAttributes?: CostExpressionLeaf | undefined;
}

export interface CostExpressionLeaf {
  readonly Key?: string | undefined;
  readonly Values?: readonly string[] | undefined;
  readonly MatchOptions?: readonly string[] | undefined;
}
