export class HealthDto {
  status!: 'ok';
}

export class ReadinessDto {
  status!: 'ok';
  /** Milliseconds that each part took to answer. @example { "database": 1, "storage": 1 } */
  checks!: Record<string, number>;
}
